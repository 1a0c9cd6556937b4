#include "audit/writer.hpp"

#include <catch2/catch.hpp>

#include "audit/limits.hpp"
#include "base/limits.hpp"
#include "flow/receipt.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

const std::string kTransfer = "00112233445566778899aabbccddeeff";
const std::string kOtherTransfer = "ffeeddccbbaa99887766554433221100";
constexpr std::uint64_t kFirst = 2;  ///< entry that is not the log's own: after genesis and boot
constexpr std::uint64_t kStart = 2;  ///< entries of each later start: epoch.close, boot

/// A writer with a clock that stands, and requests made by hand.
struct Desk {
  TestFolder folder;
  TestFolder epoch_keys;
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  SeededEntropy entropy{42};

  Result<OpenedWriter> open(std::optional<TreeHead> witnessed = {}) {
    WriterPlan plan =
        writer_plan(folder_at(folder.path()), folder_at(epoch_keys.path()), clock, entropy);
    plan.witnessed = witnessed;
    return Writer::open(std::move(plan));
  }
  Submission event(const std::string& type, const std::string& program,
                   std::vector<std::string> keys = {}, std::string body = "{}") {
    Submission s;
    s.request.id = new_request_id(entropy);
    s.request.type = type;
    if (find_type(type) == nullptr || find_type(type)->about_transfer) {
      s.request.transfer = *TransferId::create(kTransfer);
    }
    s.request.keys = std::move(keys);
    s.request.kind = BodyKind::event;
    s.request.body = std::move(body);
    s.caller = {.program = program, .uid = 1001, .pid = 4321};
    return s;
  }
  Submission step(const std::string& stage, const std::string& program,
                  std::vector<std::string> keys = {}, const std::string& payload = "{}") {
    Submission s = event("step." + stage, program, std::move(keys));
    s.request.kind = BodyKind::statement;
    s.request.body =
        flow::Envelope::sign("application/vnd.in-toto+json", hangu::to_bytes(payload), key_from(9))
            ->to_text();
    return s;
  }
};

AppendReply one(Writer& writer, const Submission& submission) {
  auto replies = writer.append({&submission, 1});
  REQUIRE(replies);
  REQUIRE(replies->size() == 1);
  CHECK((*replies)[0].id == submission.request.id);
  return (*replies)[0];
}

std::string reason(Writer& writer, const Submission& submission) {
  const AppendReply reply = one(writer, submission);
  return reply.outcome == AppendOutcome::refused ? reply.reason : "accepted";
}

}  // namespace

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

TEST_CASE("a taken key is refused with the entry that has it", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const AppendReply winner = one(opened->writer, desk.step("emit", "emit", {"end:" + kTransfer}));
  REQUIRE(winner.outcome == AppendOutcome::appended);
  const Submission late = desk.event("transfer.withdrawn", "custodian", {"x", "end:" + kTransfer});
  const AppendReply loser = one(opened->writer, late);
  CHECK(loser.outcome == AppendOutcome::taken);
  CHECK(loser.reason == "end:" + kTransfer);
  CHECK(loser.index == winner.index);
  CHECK(loser.entry == winner.entry);
  CHECK(loser.leaf == winner.leaf);
  // Nothing of the loser remains: its other key is free.
  CHECK(one(opened->writer, desk.event("transfer.withdrawn", "custodian", {"x"})).outcome ==
        AppendOutcome::appended);
}

TEST_CASE("within one batch the first of two takes the key", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const std::vector<Submission> batch{desk.event("transfer.withdrawn", "custodian", {"k"}),
                                      desk.event("transfer.expired", "custodian", {"k"}),
                                      desk.event("transfer.expired", "custodian", {"other"})};
  const auto replies = opened->writer.append(batch);
  REQUIRE(replies);
  CHECK((*replies)[0].outcome == AppendOutcome::appended);
  CHECK((*replies)[1].outcome == AppendOutcome::taken);
  CHECK((*replies)[1].index == (*replies)[0].index);
  CHECK((*replies)[2].outcome == AppendOutcome::appended);
  CHECK(opened->writer.log().head().size == kFirst + 2);
}

TEST_CASE("the same request is answered with its entry, in the batch, later, and after a restart",
          "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const Submission s = desk.step("verify", "verify", {"key"});
  const auto both = opened->writer.append(std::vector{s, s});
  REQUIRE(both);
  CHECK((*both)[0] == (*both)[1]);
  CHECK((*both)[0].outcome == AppendOutcome::appended);
  CHECK(one(opened->writer, s) == (*both)[0]);
  Submission from_new_process = s;
  from_new_process.caller.pid = 99;
  CHECK(one(opened->writer, from_new_process) == (*both)[0]);

  Submission other = s;
  other.request.keys = {"other"};
  CHECK(reason(opened->writer, other) == "request-reused");
  other = s;
  other.request.body = desk.step("verify", "verify", {}, "{\"x\":1}").request.body;
  CHECK(reason(opened->writer, other) == "request-reused");
  other = s;
  other.request.transfer = *TransferId::create(kOtherTransfer);
  CHECK(reason(opened->writer, other) == "request-reused");

  const AppendReply before = (*both)[0];
  opened = fail(ErrorCode::unavailable, "closed");
  opened = desk.open();
  REQUIRE(opened);
  CHECK(one(opened->writer, s) == before);
  CHECK(opened->writer.log().head().size == kFirst + 1 + kStart);
}

TEST_CASE("keys and transfers are known again from tiles and journal after a restart", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  for (int i = 0; i < 400; ++i) {
    Submission s = desk.event("transfer.expired", "custodian", {"key:" + std::to_string(i)});
    if (i % 2 == 1) s.request.transfer = *TransferId::create(kOtherTransfer);
    REQUIRE(one(opened->writer, s).outcome == AppendOutcome::appended);
    if (i == 300) REQUIRE(opened->publisher.publish(opened->writer.log().head().size));
  }
  opened = fail(ErrorCode::unavailable, "closed");
  opened = desk.open();
  REQUIRE(opened);
  for (int i = 0; i < 400; i += 13) {
    const AppendReply reply = one(
        opened->writer, desk.event("transfer.expired", "custodian", {"key:" + std::to_string(i)}));
    CHECK(reply.outcome == AppendOutcome::taken);
    CHECK(reply.index == kFirst + static_cast<std::uint64_t>(i));
  }
  const auto found = opened->writer.find({.id = {}, .transfer = *TransferId::create(kTransfer)});
  REQUIRE(found);
  CHECK(found->indices.size() == 200);
  CHECK(found->indices.front() == kFirst);
  CHECK(found->indices.back() == kFirst + 398);
  CHECK(std::ranges::is_sorted(found->indices));
  CHECK(opened->writer.find({.id = {}, .transfer = *TransferId::create(std::string(32, '0'))})
            ->indices.empty());
}

TEST_CASE("the holder of a key is told, before and after a restart, and of a free key nobody",
          "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  const AppendReply held =
      one(opened->writer, desk.step("verify", "verify", {"sequence:survey:6", "other"}));
  const auto holder = [&](const std::string& key) {
    const auto reply = opened->writer.holder({.id = {}, .key = key});
    REQUIRE(reply);
    return reply->indices;
  };
  for (int start = 0; start < 2; ++start) {
    CHECK(holder("sequence:survey:6") == std::vector{held.index});
    CHECK(holder("other") == std::vector{held.index});
    CHECK(holder("sequence:survey:7").empty());
    CHECK(holder("sequence:survey:").empty());
    opened = fail(ErrorCode::unavailable, "closed");
    opened = desk.open();
    REQUIRE(opened);
  }
  for (const std::string& key :
       {std::string(), std::string("two words"), std::string(kKeyBytesMax + 1, 'k')})
    CHECK(opened->writer.holder({.id = {}, .key = key}).error().reason() == "keys-invalid");
}

TEST_CASE("a transfer's entries hang together, and find gives the newest 256, then those before",
          "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  std::vector<Submission> batch;
  for (std::size_t i = 0; i < kFoundMax + 1; ++i) {
    batch.push_back(desk.event("transfer.expired", "custodian"));
  }
  const auto replies = opened->writer.append(batch);
  REQUIRE(replies);
  CHECK(EntryHead::parse((*replies)[0].entry)->previous == std::nullopt);
  CHECK(EntryHead::parse((*replies)[1].entry)->previous == (*replies)[0].index);
  const auto found = opened->writer.find({.id = {}, .transfer = *TransferId::create(kTransfer)});
  REQUIRE(found);
  CHECK(found->indices.size() == kFoundMax);
  CHECK(found->indices.front() == kFirst + 1);
  const auto before = [&](std::uint64_t index) {
    return opened->writer.find(
        {.id = {}, .transfer = *TransferId::create(kTransfer), .before = index});
  };
  CHECK(before(kFirst + 1)->indices == std::vector<std::uint64_t>{kFirst});
  CHECK(before(kFirst)->indices.empty());
  CHECK(before(0).error().reason() == "find-before");  // the log's own
  CHECK(before(kFirst + kFoundMax + 1).error().reason() == "proof-range");
}

TEST_CASE("entry times never decrease and a step back of the clock is told once", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  Writer& writer = opened->writer;
  const auto append_time = [&] {
    const AppendReply reply = one(writer, desk.event("transfer.expired", "custodian"));
    return EntryHead::parse(reply.entry)->time.to_text();
  };
  CHECK(append_time() == "2026-03-01T08:00:00.000Z");
  desk.clock.advance(std::chrono::seconds(10));
  CHECK(append_time() == "2026-03-01T08:00:10.000Z");
  desk.clock.advance(std::chrono::milliseconds(-999));
  CHECK(append_time() == "2026-03-01T08:00:10.000Z");
  CHECK(writer.log().head().size == kFirst + 3);  // jitter is not told
  desk.clock.advance(std::chrono::seconds(-60));
  CHECK(append_time() == "2026-03-01T08:00:10.000Z");
  CHECK(append_time() == "2026-03-01T08:00:10.000Z");
  CHECK(writer.log().head().size == kFirst + 6);
  const auto clock_entry = writer.log().entry(kFirst + 3);
  CHECK(EntryHead::parse(text_of(*clock_entry))->type == "clock");
  CHECK(
      EntryHead::parse(text_of(*clock_entry))->body ==
      R"("statement":null,"event":{"now":"2026-03-01T07:59:09.001Z","lastEntry":"2026-03-01T08:00:10.000Z"})");
  // Also over a restart.
  opened = fail(ErrorCode::unavailable, "closed");
  opened = desk.open();
  REQUIRE(opened);
  CHECK(EntryHead::parse(one(opened->writer, desk.event("transfer.expired", "custodian")).entry)
            ->time.to_text() == "2026-03-01T08:00:10.000Z");
}

namespace {

/// A clock that can lose the time.
class FadingClock final : public Clock {
 public:
  bool known = true;
  [[nodiscard]] Result<WallTime> now() const override {
    if (!known) return fail(ErrorCode::unavailable, "time-unknown");
    return WallTime(std::chrono::milliseconds(1'000'000));
  }
};

}  // namespace

TEST_CASE("without the time nothing new is appended, but what is there is still told", "[audit]") {
  Desk desk;
  FadingClock clock;
  auto opened = Writer::open(writer_plan(folder_at(desk.folder.path()),
                                         folder_at(desk.epoch_keys.path()), clock, desk.entropy));
  REQUIRE(opened);
  const Submission s = desk.event("transfer.expired", "custodian", {"k"});
  const AppendReply before = one(opened->writer, s);
  clock.known = false;
  CHECK(one(opened->writer, s) == before);
  CHECK(one(opened->writer, desk.event("transfer.expired", "custodian", {"k"})).outcome ==
        AppendOutcome::taken);
  CHECK(reason(opened->writer, desk.event("transfer.expired", "custodian")) == "time-unknown");
  CHECK(opened->writer.note_event("heartbeat", heartbeat()));
}

TEST_CASE("proofs from the writer lead to its checkpoint by the mover's own verifier", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  for (int i = 0; i < 20; ++i) one(opened->writer, desk.step("verify", "verify"));
  const CheckpointReply checkpoint = opened->writer.checkpoint({});
  const auto head =
      flow::check_checkpoint(checkpoint.note, {.origin = kOrigin, .key = key_from(0).verify_key()});
  REQUIRE(head);
  CHECK(head->size == kFirst + 20);
  for (std::uint64_t i = 0; i < head->size; ++i) {
    const auto proof = opened->writer.prove({.id = {}, .index = i, .size = head->size});
    REQUIRE(proof);
    CHECK(flow::check_inclusion(*head, i, bytes_of(proof->entry), proof->path));
    CHECK_FALSE(flow::check_inclusion(*head, i, bytes_of(proof->entry + " "), proof->path));
  }
  CHECK(
      opened->writer.prove({.id = {}, .index = head->size, .size = head->size}).error().reason() ==
      "proof-range");
}

TEST_CASE("a discarded tail is told in the log", "[audit]") {
  Desk desk;
  {
    REQUIRE(desk.open());
  }
  const auto journal = desk.folder / "journal/00000000000000000000.wal";
  Bytes bytes = read_bytes(journal);
  append(bytes, bytes_of("half a record"));
  write_bytes(journal, bytes);
  const auto opened = desk.open();
  REQUIRE(opened);
  CHECK(opened->recovery.discarded_bytes == 13);
  const auto entry = opened->writer.log().entry(kFirst);
  CHECK(EntryHead::parse(text_of(*entry))->type == "recovery");
  CHECK(EntryHead::parse(text_of(*entry))->body ==
        R"("statement":null,"event":{"size":2,"discardedBytes":13})");
}

TEST_CASE("the log says nothing of itself that its schema does not know", "[audit]") {
  Desk desk;
  auto opened = desk.open();
  REQUIRE(opened);
  Writer& writer = opened->writer;
  const std::uint64_t size = writer.log().head().size;
  const auto reason = [&](std::string_view type, wire::JsonObject event) {
    const Done done = writer.note_event(type, std::move(event));
    return done ? "ok" : std::string(done.error().reason());
  };
  CHECK(reason("heartbeat", {{"n", 1}}) == "audit-event-invalid");
  wire::JsonObject twice = heartbeat();
  twice.emplace_back("size", 7);
  CHECK(reason("heartbeat", twice) == "audit-event-invalid");
  const auto witness_age = [](std::size_t bytes) {
    return wire::JsonObject{{"state", std::string(bytes, 's')}, {"size", 1}};
  };
  CHECK(reason("witness.age", witness_age(kEntryBytesMax)) == "entry-too-long");
  CHECK(writer.log().head().size == size);
  // The chain and the index know nothing of what was refused.
  CHECK(reason("witness.age", witness_age(kEntryBytesMax - 1000)) == "ok");
  CHECK(writer.close_epoch());
  opened = fail(ErrorCode::unavailable, "closed");
  REQUIRE(desk.open());
}

TEST_CASE("a log that witnesses saw otherwise is not touched", "[audit]") {
  Desk desk;
  TreeHead head;
  {
    auto opened = desk.open();
    REQUIRE(opened);
    head = opened->writer.log().head();
  }
  const auto journal = desk.folder / "journal/00000000000000000000.wal";
  const Bytes before = read_bytes(journal);
  const std::vector<std::string> keys = files_below(desk.epoch_keys.path());
  const auto reason = [&](const TreeHead& seen) {
    const auto opened = desk.open(seen);
    return opened ? "ok" : std::string(opened.error().reason());
  };
  CHECK(reason({.size = head.size + 1, .root = head.root}) == "audit-witness-ahead");
  CHECK(reason({.size = head.size, .root = empty_root()}) == "audit-witness-differs");
  CHECK(reason({.size = 1, .root = head.root}) == "audit-witness-differs");
  CHECK(read_bytes(journal) == before);
  CHECK(files_below(desk.epoch_keys.path()) == keys);
  CHECK(reason(head) == "ok");
  CHECK(reason(head) == "ok");  // it has grown since
}

}  // namespace hangu::audit::test
