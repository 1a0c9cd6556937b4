// What entries say, flat, and in sentences.

#include "audit/reading/facts.hpp"

#include "audit/catalogue.hpp"
#include "audit/entry.hpp"
#include "audit/limits.hpp"
#include "tests/support/must.hpp"
#include "tests/support/story_log.hpp"

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::test;
using hangu::test::must;

namespace {

/// The facts of all entries of a log.
std::vector<EntryFacts> facts_in(const std::filesystem::path& folder) {
  const LogReader reader = must(LogReader::open(folder_at(folder), signer_from(0).key()));
  std::vector<EntryFacts> all;
  REQUIRE(reader.read(0, reader.size(), [&](const StoredEntry& entry) -> Done {
    all.push_back(facts_of(entry));
    return {};
  }));
  return all;
}

const EntryFacts& first_of(const std::vector<EntryFacts>& all, std::string_view type) {
  const auto at = std::ranges::find(all, type, &EntryFacts::type);
  REQUIRE(at != all.end());
  return *at;
}

}  // namespace

TEST_CASE("the entries of a transfer tell what happened to it", "[audit]") {
  TestFolder folder;
  {
    StoryLog log(folder.path());
    log.tell({.id = transfer_id(1),
              .areas = {"110105", "3101"},
              .approver_words = "看过,可以放行",
              .fetched = true});
    log.publish();
  }
  const auto all = facts_in(folder.path());
  for (const EntryFacts& facts : all) {
    CAPTURE(facts.type);
    CHECK(facts.readable);
    CHECK(facts.transfer == transfer_id(1));
    CHECK(facts.previous.has_value() == (facts.index > 0));
    CHECK(facts.uid == 990);
    CHECK(facts.boot == "00000000000000aa");
  }

  const EntryFacts& stated = first_of(all, "transfer.stated");
  CHECK(stated.node == "survey");
  CHECK(stated.actor() == "survey");
  CHECK(stated.from == "internet");
  CHECK(stated.to == "egov");
  CHECK(stated.dataset == "world-map");
  CHECK(stated.areas == std::vector<std::string>{"110105", "3101"});
  CHECK(stated.secrecy == "internal");
  CHECK(stated.grade == "general");
  CHECK(stated.objects == 1);
  CHECK(stated.bytes == 1234);
  REQUIRE(stated.packages.size() == 1);
  CHECK(stated.packages.front().starts_with("sha256-tree:"));
  CHECK(stated.decision == Ruling::none);

  const EntryFacts& step = first_of(all, "step.verify");
  CHECK(step.stage == "verify");
  CHECK(step.decision == Ruling::allow);
  CHECK(step.reason == "ok");
  CHECK(step.packages == stated.packages);
  CHECK(step.dataset.empty());  // from the entry alone
  CHECK(step.actor() == "verify");

  const EntryFacts& decided = first_of(all, "transfer.decided");
  CHECK(decided.stage == "decide");
  CHECK(decided.decision == Ruling::allow);
  CHECK(decided.rules == std::vector<std::string>{"allow-import"});
  CHECK(decided.policy == "demo@3");

  const EntryFacts& transform = first_of(all, "filter.transform");
  REQUIRE(transform.seen.size() == 1);
  CHECK(transform.seen.front().name == "world_map.gpkg");
  CHECK(transform.seen.front().actions == std::vector<std::string>{"drop-field owner_phone"});

  const EntryFacts& approval = first_of(all, "approval.given");
  CHECK(approval.person == "lina");
  CHECK(approval.role == "reviewer");
  CHECK(approval.words == "看过,可以放行");
  CHECK(approval.decision == Ruling::allow);
  CHECK(approval.actor() == "lina");
  CHECK(approval.key == key_from(40).verify_key().id());

  const EntryFacts& fetch = first_of(all, "transfer.fetched");
  CHECK(fetch.node == "portal");
  CHECK(fetch.to == "egov");
  CHECK(sentence_of(fetch).en == "a recipient fetched the package: node portal, zone egov");
  CHECK(first_of(all, "transfer.acknowledged").node == "portal");
}

TEST_CASE("refusals, quarantines and errors have their ruling", "[audit]") {
  TestFolder folder;
  const std::string id = transfer_id(2);
  {
    StoryLog log(folder.path());
    log.tell({.id = id, .refused_because = "policy-no-permit"});
    (void)log.add_event("transfer.quarantined", id,
                        {{"attempts", 3}, {"reason", "stage-crashed"}, {"stage", "inspect"}});
    (void)log.add_event(
        "filter.inspect", id,
        {{"part", 1},
         {"of", 1},
         {"objects",
          wire::JsonArray{
              wire::JsonObject{{"name", "a"}, {"verdict", "pass"}},
              wire::JsonObject{{"name", "b"}, {"verdict", "error"}, {"reason", "worker-crashed"}},
              wire::JsonObject{{"name", "c"}, {"verdict", "fail"}}}}},
        "inspect");
    (void)log.add_event("transfer.withdrawn", id, {{"node", "survey"}});
    log.publish();
  }
  const auto all = facts_in(folder.path());
  CHECK(first_of(all, "step.decide").decision == Ruling::deny);
  CHECK(first_of(all, "step.decide").reason == "policy-no-permit");
  CHECK(first_of(all, "transfer.decided").decision == Ruling::deny);
  CHECK(first_of(all, "transfer.quarantined").decision == Ruling::hold);
  CHECK(first_of(all, "transfer.quarantined").stage == "inspect");
  CHECK(all.at(all.size() - 2).decision == Ruling::error);
  CHECK(all.at(all.size() - 2).reason == "worker-crashed");
  CHECK(first_of(all, "transfer.withdrawn").decision == Ruling::none);
  CHECK(first_of(all, "transfer.withdrawn").node == "survey");
}

TEST_CASE("what came in, who was turned away, and orders about the log are told", "[audit]") {
  TestFolder folder;
  {
    StoryLog log(folder.path());
    (void)log.add_event("transfer.received", transfer_id(1),
                        {{"zone", "internet"},
                         {"node", "survey"},
                         {"package", "sha256-tree:9:" + std::string(64, 'a')},
                         {"bytes", 9}},
                        "receive.internet");
    (void)log.add_event(
        "edge.access", "",
        {{"refusals",
          wire::JsonArray{
              wire::JsonObject{{"zone", "egov"},
                               {"node", nullptr},
                               {"reason", "tls-client-unknown"},
                               {"count", 40}},
              wire::JsonObject{
                  {"zone", "egov"}, {"node", "portal"}, {"reason", "node-quota"}, {"count", 2}}}},
         {"lost", 0}},
        "receive.egov");
    (void)log.add_event("counter.released", "",
                        {{"told", 5},
                         {"found", 7},
                         {"kind", "tpm"},
                         {"reason", "board was replaced"},
                         {"signers", wire::JsonArray{"anna", "bo"}},
                         {"order", ""}},
                        "audit");
    log.publish();
  }
  const auto all = facts_in(folder.path());
  const EntryFacts& received = first_of(all, "transfer.received");
  CHECK(received.node == "survey");
  CHECK(received.from == "internet");
  CHECK(received.packages.size() == 1);
  CHECK(sentence_of(received).en ==
        "a sealed package came in: node survey, zone internet, bytes 9");

  const EntryFacts& refused = first_of(all, "edge.access");
  REQUIRE(refused.refused.size() == 2);
  CHECK(refused.refused[0].node.empty());
  CHECK(refused.refused[1].count == 2);
  CHECK(refused.decision == Ruling::deny);
  CHECK(sentence_of(refused).en ==
        "at a zone's entrance: egov tls-client-unknown x40, egov/portal node-quota x2");

  const EntryFacts& released = first_of(all, "counter.released");
  CHECK(released.signers == std::vector<std::string>{"anna", "bo"});
  CHECK(released.actor() == "anna");
  CHECK(released.words == "board was replaced");
  CHECK(released.reason.empty());
  CHECK(released.count == 7);
}

TEST_CASE("alarms of witnesses, the clock, log-ins and what is in force are told", "[audit]") {
  TestFolder folder;
  const wire::JsonArray documents{
      wire::JsonObject{{"name", "gateway.toml"}, {"sha256", std::string(64, 'b')}}};
  {
    StoryLog log(folder.path());
    (void)log.add_event("witness.alarm", "",
                        {{"witness", "directory/w1"},
                         {"alarm", "behind"},
                         {"size", 9},
                         {"witnessSize", 12},
                         {"detail", "it has seen more"}},
                        "feeder");
    (void)log.add_event("witness.age", "", {{"state", "alarm"}, {"size", 9}}, "audit");
    (void)log.add_event(
        "clock", "",
        {{"now", "2026-03-01T07:00:00.000Z"}, {"lastEntry", "2026-03-01T08:00:00.000Z"}}, "audit");
    (void)log.add_event("recovery", "", {{"size", 9}, {"discardedBytes", 400}}, "audit");
    (void)log.add_event("edge.access", "",
                        {{"logins", wire::JsonArray{wire::JsonObject{
                                        {"zone", "egov"}, {"node", "portal"}, {"count", 3}}}},
                         {"refusals", wire::JsonArray{}},
                         {"lost", 0}},
                        "receive.egov");
    (void)log.add_event("boot", "", {{"epoch", 1}, {"documents", documents}}, "audit");
    (void)log.add_event("witness.age", "", {{"state", "over"}, {"size", 9}}, "audit");
    log.publish();
  }
  const auto all = facts_in(folder.path());
  const EntryFacts& alarm = first_of(all, "witness.alarm");
  CHECK(alarm.decision == Ruling::error);
  CHECK(alarm.actor() == "directory/w1");
  CHECK(sentence_of(alarm).en ==
        "a witness's answer is alarming: witness directory/w1, reason behind, details it has seen "
        "more");
  CHECK(first_of(all, "witness.age").decision == Ruling::error);
  CHECK(all.back().decision == Ruling::none);  // over
  CHECK(first_of(all, "recovery").decision == Ruling::error);
  const EntryFacts& clock = first_of(all, "clock");
  CHECK(clock.decision == Ruling::error);
  CHECK(clock.detail == "2026-03-01T08:00:00.000Z -> 2026-03-01T07:00:00.000Z");
  const EntryFacts& access = first_of(all, "edge.access");
  CHECK(access.decision == Ruling::allow);
  REQUIRE(access.logins.size() == 1);
  CHECK(access.logins.front().count == 3);
  CHECK(sentence_of(access).en == "at a zone's entrance: log-in egov/portal x3");
  const std::vector<DocumentFacts> wanted{{"gateway.toml", std::string(64, 'b')}};
  CHECK(first_of(all, "boot").documents == wanted);
}

TEST_CASE("every type of the log's schema has words of its own", "[audit]") {
  for (const EntryType& type : catalogue()) {
    CAPTURE(type.name);
    EntryFacts facts;
    facts.readable = true;
    facts.type = type.name;
    CHECK(headline_of(facts).en != "entry " + facts.type);
    CHECK_FALSE(headline_of(facts).zh.empty());
  }
}

TEST_CASE("entries have a sentence in Chinese and English", "[audit]") {
  TestFolder folder;
  {
    StoryLog log(folder.path());
    log.tell({.id = transfer_id(3)});
    (void)log.add_event("epoch.close", "", {{"epoch", 7}}, "audit");
    (void)log.add_event("sequence.gap", transfer_id(3), {{"node", "survey"}, {"missing", 4}},
                        "verify");
    (void)log.add_event("transfer.quarantined", transfer_id(3),
                        {{"reason", "x\x1b[31m\u202eevil"}});
    log.publish();
  }
  const auto all = facts_in(folder.path());
  const auto sentence = [&](std::string_view type) { return sentence_of(first_of(all, type)); };
  CHECK(sentence("step.check").en == "stage check passed");
  CHECK(sentence("step.check").zh == "环节「复检」通过");
  CHECK(sentence("filter.transform").en ==
        "filter transform passed: object world_map.gpkg [drop-field owner_phone]");
  CHECK(sentence("approval.given").zh == "审批人批准:lina (reviewer),理由 ok");
  CHECK(sentence("transfer.decided").en ==
        "policy allows: label open/general (公开/一般), rules allow-import, policy demo@3, "
        "approvals needed 1");
  CHECK(sentence("epoch.close").en == "an epoch of the log ends: epoch 7");
  CHECK(sentence("sequence.gap").zh == "发送方的序号有缺口:节点 survey,缺少序号 4");
  const FactText hostile = sentence("transfer.quarantined");
  CHECK(hostile.en.find('\x1b') == std::string::npos);
  CHECK(hostile.en.find("\u202e") == std::string::npos);
  for (const EntryFacts& facts : all) {
    CHECK_FALSE(sentence_of(facts).zh.empty());
    CHECK_FALSE(sentence_of(facts).en.empty());
  }
}

TEST_CASE("an end of an epoch that replaces the log's own keys says so, and by which", "[audit]") {
  TestFolder folder;
  {
    StoryLog log(folder.path());
    const wire::JsonObject keys{{"vkey", "gate.example/audit+1+A"},
                                {"gmVkey", nullptr},
                                {"nextVkey", "gate.example/audit+2+B"},
                                {"nextGmVkey", nullptr}};
    (void)log.add_event("epoch.close", "", {{"epoch", 7}, {"logKeys", keys}}, "audit");
    (void)log.add_event("epoch.close", "", {{"epoch", 8}}, "audit");
    log.publish();
  }
  const auto all = facts_in(folder.path());
  CHECK(all.at(0).replaces_keys());
  CHECK(sentence_of(all.at(0)).en ==
        "the log's own keys were replaced: details gate.example/audit+1+A -> "
        "gate.example/audit+2+B, epoch 7");
  CHECK_FALSE(all.at(1).replaces_keys());
}

TEST_CASE("an entry that names one before it that no log can have is none", "[audit]") {
  const auto text = [](const std::string& previous) {
    return R"({"v":1,"id":")" + std::string(32, '1') +
           R"(","type":"transfer.expired","time":"2026-03-01T08:00:00.000Z","boot":")" +
           std::string(16, '2') +
           R"(","peer":{"program":"custodian","uid":1,"pid":2},"transfer":")" +
           std::string(32, '3') + R"(","previous":)" + previous +
           R"(,"keys":[],"statement":null,"event":{},"salt":")" + std::string(32, '4') + "\"}";
  };
  CHECK(EntryHead::parse(text("1099511627776"))->previous == kLogSizeMax);
  for (const char* const too_large :
       {"1099511627777", "9223372036854775808", "18446744073709551615"})
    CHECK_FALSE(EntryHead::parse(text(too_large)));
}

TEST_CASE("bytes that are no entry are told as such", "[audit]") {
  const auto facts = facts_of({.index = 5, .text = "{\"v\":2}", .leaf = {}});
  CHECK_FALSE(facts.readable);
  CHECK(facts.index == 5);
  CHECK(sentence_of(facts).en == "an entry that cannot be read");

  Entry entry;
  entry.type = "transfer.stated";
  entry.boot = "00000000000000aa";
  entry.peer.program = "verify";
  entry.body = event_body(
      "{\"product\":7,\"areas\":\"x\",\"objects\":-1,\"recipients\":[1,\"ok\"],\"node\":null}");
  const std::string odd = entry.to_text();
  const auto read = facts_of({.index = 6, .text = odd, .leaf = {}});
  CHECK(read.readable);
  CHECK(read.dataset.empty());
  CHECK(read.areas.empty());
  CHECK_FALSE(read.objects);
  CHECK(read.recipients == std::vector<std::string>{"ok"});

  entry.type = "step.verify";
  entry.body = statement_body("no envelope");
  const std::string broken = entry.to_text();
  CHECK(facts_of({.index = 7, .text = broken, .leaf = {}}).decision == Ruling::none);
}
