// What a writer takes, in which form, and from whom.

#include <catch2/catch.hpp>

#include "audit/limits.hpp"
#include "base/limits.hpp"
#include "flow/receipt.hpp"
#include "tests/unit/audit/desk.hpp"

namespace hangu::audit::test {

TEST_CASE("an entry is one canonical line with its members in the documented order", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const AppendReply reply = one(opened->writer, desk.step("verify", "verify", {"step:a:1", "b"}));
  REQUIRE(reply.outcome == AppendOutcome::appended);
  CHECK(reply.index == kFirst);
  CHECK(reply.leaf == leaf_hash(bytes_of(reply.entry)));
  const auto json = wire::Json::parse(reply.entry, kEntryBytesMax);
  REQUIRE(json);
  CHECK(json->to_text() == reply.entry);
  std::vector<std::string> names;
  for (const auto& [name, value] : *json->as_object()) names.push_back(name);
  CHECK(names == std::vector<std::string>{"v", "id", "type", "time", "boot", "peer", "transfer",
                                          "previous", "keys", "statement", "event", "salt"});
  CHECK(json->find("peer")->to_text() == R"({"program":"verify","uid":1001,"pid":4321})");
  CHECK(*json->find("time")->as_string() == "2026-03-01T08:00:00.000Z");
  const auto logged = flow::parse_logged_statement(reply.entry);
  REQUIRE(logged);
  CHECK(logged->type == "step.verify");
  CHECK(logged->transfer == kTransfer);
  CHECK(logged->statement.signed_by(key_from(9).verify_key()));

  const auto head = EntryHead::parse(reply.entry);
  REQUIRE(head);
  CHECK(head->keys == std::vector<std::string_view>{"step:a:1", "b"});
  for (std::size_t i = 0; i < reply.entry.size(); ++i) {
    REQUIRE_FALSE(EntryHead::parse(std::string_view(reply.entry).substr(0, i)));
  }
}

TEST_CASE("an event is stored in canonical form and must be an object", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const AppendReply reply = one(opened->writer, desk.event("transfer.withdrawn", "custodian", {},
                                                           "{ \"node\" : \"no\\u002done\" }"));
  REQUIRE(reply.outcome == AppendOutcome::appended);
  CHECK(reply.entry.find(R"("event":{"node":"no-one"},"salt":")") != std::string::npos);
  CHECK(wire::Json::parse(reply.entry, kEntryBytesMax)->to_text() == reply.entry);
  for (const char* bad : {"", "[]", "1", "null", "{", "{}{}", "{\"a\":1,\"a\":2}", "{\"a\":NaN}",
                          // Members that the schema does not know, or knows otherwise.
                          "{\"node\":1}", "{\"node\":null}", "{\"node\":\"n\",\"more\":1}"}) {
    CAPTURE(bad);
    CHECK(reason(opened->writer, desk.event("transfer.withdrawn", "custodian", {}, bad)) ==
          "body-invalid");
  }
}

TEST_CASE("hostile texts in an event stay inside their line", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  for (const std::string& hostile : std::vector<std::string>{
           "a\nb", "|=]", "\"},\"salt\":\"", "\\", "\u2028", "\u202e", "\x01", "</script>"}) {
    const std::string body = wire::Json(wire::JsonObject{{"node", hostile}}).to_text();
    const AppendReply reply =
        one(opened->writer, desk.event("transfer.withdrawn", "custodian", {}, body));
    REQUIRE(reply.outcome == AppendOutcome::appended);
    CHECK(reply.entry.find('\n') == std::string::npos);
    const auto json = wire::Json::parse(reply.entry, kEntryBytesMax);
    REQUIRE(json);
    CHECK(json->to_text() == reply.entry);
    CHECK(*json->find("event")->find("node")->as_string() == hostile);
  }
}

TEST_CASE("each type is appended by its own program only", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  Writer& writer = opened->writer;
  const std::vector<std::pair<std::string, std::string>> steps{
      {"receive", "receive"}, {"verify", "verify"},       {"inspect", "inspect"},
      {"decide", "decide"},   {"transform", "transform"}, {"check", "check"},
      {"approve", "approve"}, {"clear", "decide"},        {"emit", "emit"}};
  for (const auto& [stage, program] : steps) {
    for (const char* caller : {"receive", "verify", "inspect", "decide", "transform", "check",
                               "approve", "emit", "custodian", "audit", "console"}) {
      CAPTURE(stage, caller);
      CHECK(reason(writer, desk.step(stage, caller)) ==
            (caller == program ? "accepted" : "type-forbidden"));
    }
  }
  const std::vector<std::pair<std::string, std::string>> ends{
      {"withdrawn", "{}"},
      {"expired", "{}"},
      {"quarantined", R"({"attempts":15,"reason":"stage-crashed","round":1,"stage":"check"})"},
      {"acknowledged", R"({"node":"portal","sealed":"sha256:00:1"})"}};
  for (const auto& [end, body] : ends) {
    CHECK(reason(writer, desk.event("transfer." + end, "custodian", {}, body)) == "accepted");
    CHECK(reason(writer, desk.event("transfer." + end, "emit", {}, body)) == "type-forbidden");
  }
  CHECK(reason(writer, desk.event("policy.changed", "decide", {},
                                  R"({"policy":"p@1","catalogue":"c@1","documents":[]})")) ==
        "accepted");
  CHECK(reason(writer, desk.event("sequence.gap", "verify", {},
                                  R"({"node":"n","sequence":2,"missing":1})")) == "accepted");
  CHECK(reason(writer, desk.event("sequence.gap", "custodian")) == "type-forbidden");
  CHECK(reason(writer, desk.step("gap", "verify")) == "type-unknown");
  for (const char* own : {"boot", "heartbeat", "recovery", "clock"}) {
    CHECK(reason(writer, desk.event(own, "custodian")) == "type-forbidden");
  }
  CHECK(reason(writer, desk.event("step.sneak", "verify")) == "type-unknown");
  CHECK(reason(writer, desk.event("", "verify")) == "type-unknown");
}

TEST_CASE("who is named as no program is appends nothing", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const auto by = [&](const std::string& program) {
    return reason(opened->writer, desk.step("receive", program));
  };
  CHECK(by("receive.egov") == "accepted");
  for (const char* name : {"receive.EGOV", "receive. ", "receive.\"", "receive.\xe7\xbd\x91"})
    CHECK(by(name) == "type-forbidden");
}

TEST_CASE("a request must fit its type and the bounds", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  Writer& writer = opened->writer;
  Submission s = desk.step("verify", "verify");
  s.request.transfer.reset();
  CHECK(reason(writer, s) == "transfer-missing");
  s = desk.event("policy.changed", "decide");
  s.request.transfer = *TransferId::create(kTransfer);
  CHECK(reason(writer, s) == "transfer-unexpected");
  CHECK(reason(writer, desk.event("step.verify", "verify")) == "body-invalid");
  s = desk.step("verify", "verify");
  s.request.body = "{}";
  CHECK(reason(writer, s) == "body-invalid");

  CHECK(reason(writer, desk.step("verify", "verify", {"a", "b", "c", "d"})) == "accepted");
  CHECK(reason(writer, desk.step("verify", "verify", {"e", "f", "g", "h", "i"})) == "keys-invalid");
  CHECK(reason(writer, desk.step("verify", "verify", {std::string(200, 'k')})) == "accepted");
  CHECK(reason(writer, desk.step("verify", "verify", {std::string(201, 'k')})) == "keys-invalid");
  for (const std::string& bad :
       std::vector<std::string>{"", "a b", "a\"b", "a\\b", "a\nb", "\x7f", "é"}) {
    CHECK(reason(writer, desk.step("verify", "verify", {bad})) == "keys-invalid");
  }
  CHECK(reason(writer, desk.step("verify", "verify", {"same", "same"})) == "keys-invalid");

  // The entry's own length counts.
  const AppendReply small =
      one(writer, desk.event("transfer.withdrawn", "custodian", {}, "{\"node\":\"\"}"));
  const std::size_t frame = small.entry.size();
  // "previous" has more digits by now in none of these entries: indices stay below 100.
  const auto filled = [&](std::size_t bytes) {
    return "{\"node\":\"" + std::string(bytes, 'x') + "\"}";
  };
  const AppendReply largest = one(
      writer, desk.event("transfer.withdrawn", "custodian", {}, filled(kEntryBytesMax - frame)));
  CHECK(largest.outcome == AppendOutcome::appended);
  CHECK(largest.entry.size() <= kEntryBytesMax);
  CHECK(reason(writer, desk.event("transfer.withdrawn", "custodian", {},
                                  filled(kEntryBytesMax - frame + 4))) == "entry-too-long");
}

}  // namespace hangu::audit::test
