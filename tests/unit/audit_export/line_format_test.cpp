#include "audit/export/line_format.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "audit/catalogue.hpp"
#include "tests/unit/audit_export/facts_maker.hpp"
#include "wire/json.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::string_view kLeaf =
    "0000000000000000000000000000000000000000000000000000000000000000";

EntryFacts refusal() {
  EntryFacts facts = act(5, "2026-03-01T08:00:00.000Z", "step.decide",
                         "00112233445566778899aabbccddeeff", Ruling::deny, "policy-no-permit");
  facts.program = "decide";
  return facts;
}

wire::Json parsed(const std::string& line) {
  auto json = wire::Json::parse(line, 1 << 20);
  REQUIRE(json);
  return *json;
}

std::int64_t integer(const wire::Json& json, std::string_view name) {
  const wire::Json* found = json.find(name);
  REQUIRE(found != nullptr);
  REQUIRE(found->as_integer() != nullptr);
  return *found->as_integer();
}

}  // namespace

TEST_CASE("formats have their names, and no others", "[export]") {
  CHECK(*parse_line_format("rfc5424") == LineFormat::rfc5424);
  CHECK(*parse_line_format("ocsf") == LineFormat::ocsf);
  CHECK(parse_line_format("CEF").error().reason() == "export-format");
  CHECK(parse_line_format("").error().reason() == "export-format");
}

// PRI is facility · 8 + severity (RFC 5424 §6.2.1): 13 · 8 + 4.
TEST_CASE("a refusal as RFC 5424 is a warning of facility 13 with index, leaf, root and decision",
          "[export]") {
  const std::string line = rfc5424_line(refusal(), source());
  CHECK(
      line.starts_with("<108>1 2026-03-01T08:00:00.000Z gw-demo hangu decide step.decide "
                       "[hangu@32473 idx=\"5\" leaf=\"" +
                       std::string(kLeaf) + "\" size=\"7\" root=\"" + std::string(64, 'a') +
                       "\" act=\"step.decide\" dec=\"deny\" "
                       "tid=\"00112233445566778899aabbccddeeff\" why=\"policy-no-permit\"] "
                       "\xef\xbb\xbf"));
}

TEST_CASE("severity follows what was decided", "[export]") {
  EntryFacts facts = refusal();
  const auto priority = [&](Ruling decision) {
    facts.decision = decision;
    const std::string line = rfc5424_line(facts, source());
    return line.substr(0, line.find('>') + 1);
  };
  CHECK(priority(Ruling::none) == "<110>");
  CHECK(priority(Ruling::allow) == "<109>");
  CHECK(priority(Ruling::hold) == "<108>");
  CHECK(priority(Ruling::error) == "<107>");
}

TEST_CASE("the enterprise number can be an organisation's own", "[export]") {
  LineSource own = source();
  own.pen = 12345;
  CHECK(rfc5424_line(refusal(), own).contains("[hangu@12345 idx="));
}

TEST_CASE("no name gets out of its place in any format, nor makes a second line", "[export]") {
  EntryFacts facts = stated(6, "2026-03-01T08:00:00.000Z", "00112233445566778899aabbccddeeff");
  facts.node = "x\" dec=\"allow\"] y\n<13>1 - - - - - - z";
  facts.dataset = "=cmd|act=allow\r\n\",\"";
  facts.reason = std::string("\0|\\", 3) + "\xff\u2028\u202e";
  facts.person = std::string(64 * 1024, '"');
  for (const LineFormat format : {LineFormat::rfc5424, LineFormat::cef, LineFormat::ocsf,
                                  LineFormat::csv, LineFormat::json}) {
    const std::string line = line_of(format, facts, source());
    for (const char c : line) CHECK(static_cast<unsigned char>(c) >= 0x20);
    for (const char* bad : {"\u2028", "\u202e", "\xff"}) CHECK_FALSE(line.contains(bad));
    CHECK(line.size() < 8 * 1024);
  }
  CHECK(rfc5424_line(facts, source())
            .contains("node=\"x\\\" dec=\\\"allow\\\"\\] y\\\\u{a}<13>1 - - - - - - z\""));
  CHECK(cef_line(facts, source()).contains("fname=\\=cmd|act\\=allow\\\\u{d}\\\\u{a}\",\" "));
  CHECK(csv_line(facts, source()).contains(",\"'=cmd|act=allow\\u{d}\\u{a}\"\",\"\"\","));
}

TEST_CASE("a CEF line has seven headers, and its own keys only", "[export]") {
  EntryFacts facts = refusal();
  facts.type = "step|decide";
  const std::string line = cef_line(facts, source());
  CHECK(
      line.starts_with("CEF:0|Hangu|gate|0.1.0|step\\|decide|step\\|decide deny|6|rt="
                       "1772352000000 dvchost=gw-demo "));
  CHECK(line.contains(" outcome=deny reason=policy-no-permit "));
  CHECK(line.contains(" cs2Label=leafHash cs2=" + std::string(kLeaf) + " "));
  CHECK(line.contains(" cn1Label=logIndex cn1=5 "));
}

TEST_CASE("a CSV line has a cell for every column of the first line", "[export]") {
  const std::string head = first_line(LineFormat::csv);
  CHECK(head.starts_with("index,leaf,time,type,"));
  const std::string line = csv_line(refusal(), source());
  CHECK(std::ranges::count(line, ',') == std::ranges::count(head, ','));
  CHECK(line.starts_with("5," + std::string(kLeaf) + ",2026-03-01T08:00:00.000Z,step.decide,"));
  CHECK(line_break(LineFormat::csv) == "\r\n");
  CHECK(first_line(LineFormat::json).empty());
}

TEST_CASE("OCSF numbers follow from the class and the activity", "[export]") {
  struct Row {
    const char* type;
    std::int64_t event;
    std::int64_t activity;
  };
  for (const Row& row : {Row{"transfer.received", 6006, 1},
                         Row{"step.emit", 6006, 7},
                         Row{"step.verify", 6006, 99},
                         Row{"step.receive", 6006, 99},
                         Row{"transfer.fetched", 6006, 2},
                         Row{"transfer.acknowledged", 6006, 99},
                         Row{"edge.access", 3002, 1},
                         Row{"witness.alarm", 2004, 1},
                         Row{"witness.age", 2004, 1},
                         Row{"clock", 1008, 99},
                         Row{"counter.released", 1008, 99},
                         Row{"recovery", 1008, 8},
                         Row{"filter.check", 2006, 1},
                         Row{"policy.changed", 5019, 1},
                         Row{"directory.loaded", 5019, 1},
                         Row{"directory.conflict", 2004, 1},
                         Row{"boot", 6002, 3},
                         Row{"stop", 6002, 4},
                         Row{"epoch.close", 1008, 5},
                         Row{"log.pruned", 1008, 2},
                         Row{"heartbeat", 6002, 99},
                         Row{"something.else", 0, 99}}) {
    EntryFacts facts = refusal();
    facts.type = row.type;
    const wire::Json json = parsed(ocsf_line(facts, source()));
    CHECK(integer(json, "class_uid") == row.event);
    CHECK(integer(json, "category_uid") == row.event / 1000);
    CHECK(integer(json, "activity_id") == row.activity);
    CHECK(integer(json, "type_uid") == row.event * 100 + row.activity);
    CHECK(integer(json, "time") == 1'772'352'000'000);
  }
}

TEST_CASE("every type of the log's schema is an event of some class", "[export]") {
  for (const EntryType& type : catalogue()) {
    CAPTURE(type.name);
    EntryFacts facts = refusal();
    facts.type = type.name;
    CHECK(integer(parsed(ocsf_line(facts, source())), "class_uid") != 0);
  }
}

TEST_CASE("who came to an entrance and who was turned away stands in the line", "[export]") {
  EntryFacts facts = refusal();
  facts.type = "edge.access";
  facts.decision = Ruling::deny;
  facts.logins = {{.zone = "egov", .node = "portal", .count = 3}};
  facts.refused = {{.zone = "egov", .node = "", .reason = "tls-client-unknown", .count = 40}};
  const wire::Json json = parsed(ocsf_line(facts, source()));
  CHECK(integer(json, "status_id") == 2);
  CHECK(integer(json, "count") == 43);
  CHECK(*json.find("user")->find("name")->as_string() == "portal");
  CHECK(*json.find("unmapped")->find("logins")->as_array()->front().find("node")->as_string() ==
        "portal");
  CHECK(json.find("unmapped")->find("refusals")->as_array()->size() == 1);
  CHECK(csv_line(facts, source()).contains("egov/portal:3,egov/:tls-client-unknown:40"));
}

TEST_CASE("what nobody decided and a person should see is a warning", "[export]") {
  EntryFacts facts = refusal();
  facts.decision = Ruling::allow;
  for (const char* const type :
       {"log.pruned", "counter.released", "policy.changed", "directory.conflict"}) {
    facts.type = type;
    CHECK(weight_of(facts) == Weight::notable);
    CHECK(rfc5424_line(facts, source()).starts_with("<108>"));
  }
  facts.type = "witness.alarm";
  facts.decision = Ruling::error;
  CHECK(rfc5424_line(facts, source()).starts_with("<107>"));
}

TEST_CASE("a decision is an outcome of the security control, a person's apart from a rule's",
          "[export]") {
  EntryFacts facts = refusal();
  const auto outcome = [&](const char* type, Ruling decision) {
    facts.type = type;
    facts.decision = decision;
    const wire::Json json = parsed(ocsf_line(facts, source()));
    return std::pair(integer(json, "action_id"), integer(json, "disposition_id"));
  };
  CHECK(outcome("step.decide", Ruling::allow) == std::pair<std::int64_t, std::int64_t>(1, 1));
  CHECK(outcome("step.decide", Ruling::deny) == std::pair<std::int64_t, std::int64_t>(2, 2));
  CHECK(outcome("approval.given", Ruling::allow) == std::pair<std::int64_t, std::int64_t>(1, 8));
  CHECK(outcome("approval.given", Ruling::deny) == std::pair<std::int64_t, std::int64_t>(2, 25));
  CHECK(outcome("transfer.quarantined", Ruling::hold) ==
        std::pair<std::int64_t, std::int64_t>(2, 3));
  CHECK(outcome("step.inspect", Ruling::error) == std::pair<std::int64_t, std::int64_t>(2, 27));
  facts.decision = Ruling::none;
  CHECK(parsed(ocsf_line(facts, source())).find("action_id") == nullptr);
}

TEST_CASE("json has a member for every column, null where the entry says nothing", "[export]") {
  const wire::Json json = parsed(json_line(refusal(), source()));
  CHECK(integer(json, "index") == 5);
  CHECK(*json.find("decision")->as_string() == "deny");
  CHECK(json.find("node")->is_null());
}

}  // namespace hangu::audit::test
