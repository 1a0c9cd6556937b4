#include "stages/decide/decide.hpp"

#include <fstream>

#include <catch2/catch.hpp>

#include "audit/schema.hpp"
#include "base/limits.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "policy/asked.hpp"
#include "policy/signed_document.hpp"
#include "stages/decide/policy_record.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/support/must.hpp"
#include "tests/support/policy_desk.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using flow::Stage;
using flow::Verdict;
using line::Outcome;
using std::chrono::milliseconds;
using test::must;
using test::source_file;

/// The shipped policy, three nodes, three reviewers, and a custodian that holds a submission.
struct Office {
  test::SeededEntropy entropy{"decide"};
  os::test::ScratchFolder folder;
  test::CustodianDouble custodian{folder / "custodian.sock"};
  config::Gateway gateway =
      must(config::Gateway::parse(source_file("config/gateway.example.toml")));
  policy::Catalogue catalogue =
      must(policy::Catalogue::parse(source_file("policy/examples/demo.catalogue.toml")));
  std::string rules = source_file("policy/examples/demo.policy.toml");
  ManualClock clock{must(WallTime::parse("2026-03-01T08:00:00Z"))};
  std::map<std::string, crypto::SigningKey> keys;
  std::vector<policy::NodeRecord> nodes;
  std::vector<policy::PersonRecord> people;

  Office() {
    for (const auto& [node, zone] : {std::pair("survey", "egov"), std::pair("portal", "internet"),
                                     std::pair("vault", "classified")}) {
      const auto seal = must(crypto::OpeningKey::generate(crypto::Suite::intl, entropy));
      nodes.push_back({must(NodeId::create(node)),
                       "org",
                       {zone},
                       {key(node).verify_key()},
                       {seal.recipient_key()}});
    }
    for (const char* name : {"li", "wang", "zhao"})
      people.push_back({must(PersonId::create(name)),
                        name,
                        "office",
                        {"reviewer"},
                        flow::Secrecy::confidential,
                        flow::DataGrade::core,
                        clock.now().value() + std::chrono::hours(24),
                        {key(name).verify_key()}});
  }
  const crypto::SigningKey& key(const std::string& name) {
    const auto found = keys.find(name);
    if (found != keys.end()) return found->second;
    return keys
        .emplace(name,
                 must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy)))
        .first->second;
  }
  flow::Submission submission() const {
    const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("0123456789"));
    const WallTime now = clock.now().value();
    return {must(flow::ObjectTable::create({{"t.csv", "text/csv", digest}})),
            {flow::Secrecy::open, flow::DataGrade::general, 0, "bureau", {}},
            crypto::Suite::intl,
            must(ZoneId::create("egov")),
            must(NodeId::create("survey")),
            must(ZoneId::create("internet")),
            {must(NodeId::create("portal"))},
            {"world-map", {}, 1'000'000, "EPSG:4490", std::nullopt, std::nullopt},
            1,
            std::nullopt,
            now,
            now + std::chrono::hours(1)};
  }
  stages::DecideMeans means() const {
    return {must(policy::Policy::parse(rules, catalogue)),
            catalogue,
            policy::PeopleFile(1, nodes, people),
            gateway,
            clock,
            {{"policy", to_bytes(rules)},
             {"catalogue", to_bytes("the catalogue")},
             {"directory", to_bytes("the directory")}}};
  }
  ledger::Work work_about(const flow::Submission& about) {
    const auto envelope = must(about.to_statement().sign(key("survey")));
    ledger::Work work{.token = {std::byte{3}},
                      .transfer = must(TransferId::create(std::string(32, 'a'))),
                      .zone = about.origin_zone,
                      .node = about.origin_node};
    work.stage = Stage::decide;
    work.table = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("plain table"));
    work.evidence.emplace("submission", custodian.put(bytes_of(envelope.to_text())));
    return work;
  }
  using Core = Result<Outcome> (*)(const line::Work&, line::CustodianClient&,
                                   const stages::DecideMeans&, const stages::Circumstances&);
  Result<Outcome> run(Core core, const ledger::Work& work, const stages::DecideMeans& by,
                      const audit::Witnessed& log = {},
                      policy::Posture posture = policy::Posture::normal) {
    custodian.offer(work);
    auto client = must(line::CustodianClient::connect(folder / "custodian.sock"));
    const std::array stages{work.stage};
    const auto claimed = must(client.claim(stages, milliseconds(0)));
    REQUIRE(claimed);
    return core(*claimed, client, by, {log, posture});
  }
  flow::Decision decision_at(const crypto::ObjectDigest& digest) const {
    const auto text = custodian.object(digest);
    return must(flow::Decision::parse(must(wire::Json::parse(text_of(text), 1 << 20))));
  }
  /// Work for the second look, after a first decision of now.
  ledger::Work decided(const flow::Submission& about, const audit::Witnessed& log = {}) {
    ledger::Work work = work_about(about);
    const auto first = must(run(stages::decide, work, means(), log));
    REQUIRE(first.reason == "ok");
    work.evidence.insert_or_assign("decision", first.evidence.at("decision"));
    work.stage = Stage::clear;
    return work;
  }
};

}  // namespace

TEST_CASE("a first decision is recorded with all that it stands on", "[decide]") {
  Office o;
  const ledger::Work work = o.work_about(o.submission());
  const Outcome outcome = must(o.run(stages::decide, work, o.means()));
  CHECK(outcome.verdict == Verdict::pass);
  CHECK(outcome.table == work.table);
  CHECK_FALSE(outcome.valid_until);
  CHECK(outcome.evidence.size() == 5);
  CHECK(outcome.evidence.at("submission") == work.evidence.at("submission"));
  CHECK(text_of(o.custodian.object(outcome.evidence.at("policy"))) == o.rules);
  CHECK(text_of(o.custodian.object(outcome.evidence.at("catalogue"))) == "the catalogue");
  CHECK(text_of(o.custodian.object(outcome.evidence.at("directory"))) == "the directory");
  const flow::Decision decision = o.decision_at(outcome.evidence.at("decision"));
  CHECK(decision.allowed);
  CHECK(decision.rules == std::vector<std::string>{"P-001"});
  CHECK(decision.obligations.approver_slots == std::vector<std::string>{"reviewer", "reviewer"});
  CHECK(decision.submitter_key == o.key("survey").verify_key());
  CHECK(decision.recipients.at(0).key == o.nodes[1].recipient_keys.at(0));
}

TEST_CASE("what was asked of the rules is on the record, also of what is refused before them",
          "[decide]") {
  Office o;
  flow::Submission about = o.submission();
  const auto asked_of = [&] {
    const Outcome outcome = must(o.run(stages::decide, o.work_about(about), o.means()));
    REQUIRE(outcome.records.size() == 1);
    const wire::Json event = must(wire::Json::parse(outcome.records.front().body, 1 << 16));
    CHECK(audit::follows_schema("transfer.decided", event));
    return *event.find("asked");
  };
  const wire::Json allowed = asked_of();
  const policy::Asked again = must(policy::read_asked(allowed, o.catalogue));
  CHECK(o.catalogue.zones[again.request.from].id == "egov");
  CHECK(again.request.secrecy == flow::Secrecy::open);
  CHECK(again.request.scale == about.facts.scale);
  CHECK(again.request.at);
  about.label.grade = flow::DataGrade::important;  // above the ceiling
  CHECK(*asked_of().find("grade")->as_string() == "important");
  about.facts.product = "no-product";
  CHECK(asked_of().is_null());
}

TEST_CASE("a refusal is a step with its reason and the decision that says why", "[decide]") {
  Office o;
  flow::Submission about = o.submission();
  about.label.grade = flow::DataGrade::important;
  const Outcome outcome = must(o.run(stages::decide, o.work_about(about), o.means()));
  CHECK(outcome.verdict == Verdict::fail);
  CHECK(outcome.reason == "label-above-ceiling");
  CHECK_FALSE(o.decision_at(outcome.evidence.at("decision")).allowed);
}

TEST_CASE("a submission signed by no key of the node is refused", "[decide]") {
  Office o;
  ledger::Work work = o.work_about(o.submission());
  const auto forged = must(o.submission().to_statement().sign(o.key("li")));
  work.evidence["submission"] = o.custodian.put(bytes_of(forged.to_text()));
  const Outcome outcome = must(o.run(stages::decide, work, o.means()));
  CHECK(outcome.verdict == Verdict::fail);
  CHECK(outcome.reason == "submitter-key");
}

TEST_CASE("a second decision clears for ten minutes and leaves the first its name", "[decide]") {
  Office o;
  const ledger::Work work = o.decided(o.submission());
  o.clock.advance(std::chrono::minutes(30));
  const Outcome outcome = must(o.run(stages::clear, work, o.means()));
  CHECK(outcome.verdict == Verdict::pass);
  CHECK(outcome.valid_until == o.clock.now().value() + std::chrono::minutes(10));
  CHECK_FALSE(outcome.evidence.contains("decision"));
  CHECK(outcome.evidence.at("submission") == work.evidence.at("submission"));
  CHECK(o.decision_at(outcome.evidence.at("cleared")) ==
        o.decision_at(work.evidence.at("decision")));
}

TEST_CASE("what changed since the first decision is not cleared", "[decide]") {
  const auto reason = [](const std::function<void(Office&)>& change) {
    Office o;
    const ledger::Work work = o.decided(o.submission());
    change(o);
    const Outcome outcome = must(o.run(stages::clear, work, o.means()));
    CHECK((outcome.verdict == Verdict::fail) == (outcome.reason != "ok"));
    CHECK(outcome.valid_until.has_value() == (outcome.reason == "ok"));
    CHECK(o.decision_at(outcome.evidence.at("cleared")).allowed == (outcome.reason == "ok"));
    return outcome.reason;
  };
  CHECK(reason([](Office&) {}) == "ok");
  // The recipient's key was changed: what people approved is not what would leave.
  CHECK(reason([](Office& o) {
          o.nodes[1].recipient_keys = {
              must(crypto::OpeningKey::generate(crypto::Suite::intl, o.entropy)).recipient_key()};
        }) == "policy-changed");
  // The sender's key was taken back.
  CHECK(reason([](Office& o) {
          o.nodes[0].signing_keys = {o.key("another key of survey").verify_key()};
        }) == "submitter-key");
  // The permit is gone.
  CHECK(reason([](Office& o) {
          const std::size_t at = o.rules.find("dataset = [\"base-map\", ");
          o.rules.erase(at + 11, 12);
        }) == "policy-no-permit");
  // The policy is over.
  CHECK(reason([](Office& o) {
          const std::size_t at = o.rules.find("2035-01-01");
          o.rules.replace(at, 4, "2026");
        }) == "policy-expired");
  // More people are demanded: allowed, and the mover counts anew.
  CHECK(reason([](Office& o) {
          const std::size_t at = o.rules.find("count = 2");
          o.rules.replace(at, 9, "count = 3");
        }) == "ok");
  // A reviewer's right is over: two are left, which is enough.
  CHECK(reason([](Office& o) { o.people.pop_back(); }) == "ok");
  CHECK(reason([](Office& o) { o.people.erase(o.people.begin() + 1, o.people.end()); }) ==
        "approvers-too-few");
}

TEST_CASE("a release under a limit over time is cleared once that is reserved, or refused",
          "[decide]") {
  Office o;
  o.rules.insert(o.rules.find("size_mb = 20000 }"), "per_day = 3, ");
  const ledger::Work work = o.decided(o.submission());
  std::string answer = "ok";
  std::size_t asked_times = 0;
  const auto cleared = [&](bool with) {
    o.custodian.offer(work);
    auto client = must(line::CustodianClient::connect(o.folder / "custodian.sock"));
    const std::array stages{work.stage};
    const auto claimed = must(client.claim(stages, milliseconds(0)));
    REQUIRE(claimed);
    stages::Circumstances moment;
    if (with)
      moment.reserve = [&](const stages::OverTime& asked) -> Result<std::string> {
        ++asked_times;
        CHECK(asked.transfer == work.transfer);
        CHECK(asked.receivers == std::vector{must(NodeId::create("portal"))});
        CHECK(asked.families == std::set<std::string>{"base-map"});
        CHECK(asked.limits.per_day == 3);
        return answer;
      };
    const Outcome outcome = must(stages::clear(*claimed, client, o.means(), moment));
    CHECK(o.decision_at(outcome.evidence.at("cleared")).allowed == (outcome.reason == "ok"));
    return outcome.reason;
  };
  CHECK(cleared(true) == "ok");
  answer = "limit-per-day";
  CHECK(cleared(true) == "limit-per-day");
  CHECK(asked_times == 2);
  CHECK(cleared(false) == "obligation-unavailable");
  // What is not allowed anyway reserves nothing.
  o.people.clear();
  CHECK(cleared(true) == "approvers-too-few");
  CHECK(asked_times == 2);
}

TEST_CASE("where an area is limited, ground that is not known is refused before people look",
          "[decide]") {
  Office o;
  o.rules.insert(o.rules.find("size_mb = 20000 }"), "contiguous_km2 = 25, ");
  ledger::Work work = o.work_about(o.submission());
  const auto reason = [&](const std::string& measured) {
    work.evidence.insert_or_assign("facts", o.custodian.put(bytes_of(measured)));
    return must(o.run(stages::decide, work, o.means())).reason;
  };
  CHECK(reason(R"([{"name":"t.csv","measured":{"footprint":null}}])") == "footprint-unknown");
  CHECK(reason(R"([{"name":"t.tif","measured":{"footprint":[[1,1,2,1,2,2]]}}])") == "ok");
  work.evidence.erase("facts");
  CHECK(o.run(stages::decide, work, o.means()).error().reason() == "evidence-missing");
}

TEST_CASE("without the first decision nothing is cleared", "[decide]") {
  Office o;
  ledger::Work work = o.decided(o.submission());
  work.evidence.erase("decision");
  CHECK(o.run(stages::clear, work, o.means()).error().reason() == "evidence-missing");
  work = o.decided(o.submission());
  work.evidence.erase("submission");
  CHECK(o.run(stages::clear, work, o.means()).error().reason() == "evidence-missing");
  CHECK(o.run(
             stages::decide,
             [&] {
               work.stage = Stage::decide;
               return work;
             }(),
             o.means())
            .error()
            .reason() == "evidence-missing");
}

namespace {

/// The folder of policy documents, and who reads it.
struct PolicyFolder {
  Office& o;
  test::PolicyDesk desk{};
  std::string names = source_file("policy/examples/demo.catalogue.toml");
  stages::Standing standing{
      o.folder.path(),
      {{o.key("officer").verify_key()}, desk.signers(), desk.key("gate").verify_key()},
      o.gateway,
      o.clock};

  flow::Envelope bundle(const std::string& rules, std::uint32_t release) {
    return desk.signed_by(desk.bundle(rules, names, release), {"li", "wang", "owner"});
  }
  void put(const char* name, const std::string& text) { std::ofstream(o.folder / name) << text; }
  void put_people(const char* signer = "officer") {
    put("people.json.dsse",
        must(policy::sign_document(policy::kPeoplePayloadType,
                                   policy::PeopleFile(1, o.nodes, o.people).to_text(),
                                   o.key(signer))));
  }
  void put_all() {
    put("in-force.json", desk.release(bundle(o.rules, 1), policy::ReleaseMode::enforced));
    put_people();
  }
  /// It waits, whatever the reason.
  std::string reason() {
    const auto means = standing.now();
    if (means) return "ok";
    CHECK(means.error().code() == ErrorCode::unavailable);
    return std::string(means.error().reason());
  }
};

}  // namespace

TEST_CASE("what decide stands on counts only with its signatures, and work waits until then",
          "[decide]") {
  Office o;
  PolicyFolder folder{o};
  using policy::ReleaseMode;
  folder.put_all();
  const auto means = folder.standing.now();
  REQUIRE(means);
  CHECK(text_of((*means)->documents.at("policy")) == o.rules);
  CHECK((*means)->release.signers == std::vector<std::string>{"li", "owner", "wang"});
  CHECK(must(folder.standing.now()) == *means);  // not a byte differs: nothing is parsed again
  for (const char* name : {"in-force.json", "people.json.dsse"}) {
    INFO(name);
    std::filesystem::remove(o.folder / name);
    CHECK(folder.reason() == "file-missing");
    folder.put_all();
  }
  folder.put_people("li");
  CHECK(folder.reason() == "document-unsigned");
  folder.put_all();
  const flow::Envelope one =
      folder.desk.signed_by(folder.desk.bundle(o.rules, folder.names, 1), {"li"});
  folder.put("in-force.json", folder.desk.release(one, ReleaseMode::enforced, {}, false));
  CHECK(folder.reason() == "policy-signatures-few");
  folder.put("in-force.json", folder.desk.release(folder.bundle(o.rules, 1), ReleaseMode::shadow));
  CHECK(folder.reason() == "policy-ungated");
  folder.put("in-force.json", o.rules);
  CHECK(folder.reason() == "json-syntax");
  folder.put("in-force.json",
             folder.desk.release(folder.bundle("# changed\n" + o.rules, 1), ReleaseMode::enforced));
  CHECK(text_of(must(folder.standing.now())->documents.at("policy")) == "# changed\n" + o.rules);
}

TEST_CASE("a policy in the shadow is asked beside, changes nothing, and is told", "[decide]") {
  Office o;
  PolicyFolder folder{o};
  using policy::ReleaseMode;
  folder.put_all();
  const std::string in_force = must(folder.standing.now())->release.bundle;
  std::string strict = o.rules;
  strict += "\n[[forbid]]\nid = \"F-900\"\nto = \"internet\"\n";
  const auto shadow = [&](const std::string& previous) {
    folder.put("shadow.json",
               folder.desk.release(folder.bundle(strict, 2), ReleaseMode::shadow, previous, false));
  };
  shadow(std::string(64, '0'));  // made beside another release
  CHECK_FALSE(must(folder.standing.now())->shadow);
  shadow(in_force);
  const auto means = must(folder.standing.now());
  REQUIRE(means->shadow);
  const Outcome outcome = must(o.run(stages::decide, o.work_about(o.submission()), *means));
  CHECK(outcome.verdict == Verdict::pass);
  REQUIRE(outcome.records.size() == 2);
  CHECK(outcome.records[1].type == "transfer.shadowed");
  const auto told = must(wire::Json::parse(outcome.records[1].body, 1 << 16));
  CHECK(*told.find("differs")->as_bool());
  CHECK_FALSE(*told.find("allowed")->as_bool());
  CHECK(*told.find("reason")->as_string() == "policy-forbidden");
  CHECK(audit::follows_schema("transfer.shadowed", told));
  // Unsigned or not let in as a shadow, it is left out, and that is told: it changes nothing.
  folder.put("shadow.json", strict);
  const auto without = must(folder.standing.now());
  CHECK_FALSE(without->shadow);
  CHECK(without->shadow_trouble.starts_with("json-syntax"));
}

TEST_CASE("an older release is not decided by, though every signature on it is good", "[decide]") {
  Office o;
  PolicyFolder folder{o};
  using policy::ReleaseMode;
  test::AuditService log(
      o.folder / "audit-of-releases", "gw-demo/audit",
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, o.entropy)), o.clock,
      {"decide"});
  auto client = must(line::AuditClient::connect(log.socket("decide"), o.entropy));
  const auto told = [&] {
    // Each time as a program that has just started.
    const Done done = stages::PolicyRecord().tell(must(folder.standing.now()), client);
    return done ? std::string("ok") : std::string(done.error().reason());
  };
  folder.put_all();
  CHECK(told() == "ok");
  CHECK(told() == "ok");  // the same again, after a restart
  const flow::Envelope first = folder.bundle(o.rules, 1);
  const flow::Envelope second = folder.bundle("# second\n" + o.rules, 2);
  const std::string older = folder.desk.release(first, ReleaseMode::enforced);
  folder.put("in-force.json",
             folder.desk.release(second, ReleaseMode::enforced, policy::digest_of(first), false));
  CHECK(told() == "ok");
  CHECK(told() == "ok");
  folder.put("in-force.json", older);
  CHECK(told() == "policy-superseded");
  // Nor does another take the place that the second has, or its number.
  const flow::Envelope other = folder.bundle("# other\n" + o.rules, 2);
  folder.put("in-force.json",
             folder.desk.release(other, ReleaseMode::enforced, policy::digest_of(first), false));
  CHECK(told() == "policy-superseded");
  folder.put("in-force.json",
             folder.desk.release(other, ReleaseMode::enforced, policy::digest_of(second), false));
  CHECK(folder.reason() == "policy-ungated");
  // The old content under a higher release, behind one that nobody decided by: the log is told of
  // both, so that neither the second nor the third can come back.
  const flow::Envelope third = folder.bundle("# third\n" + o.rules, 3);
  const std::string unseen =
      folder.desk.release(third, ReleaseMode::enforced, policy::digest_of(second), false);
  const flow::Envelope fourth = folder.bundle(o.rules, 4);
  const std::string newest =
      folder.desk.release(fourth, ReleaseMode::enforced, policy::digest_of(third), false);
  folder.put("in-force.json", newest);
  CHECK(told() == "ok");
  CHECK(must(client.holder("policy.release.3")).has_value());
  folder.put("in-force.json", unseen);
  CHECK(told() == "policy-superseded");
  folder.put("in-force.json",
             folder.desk.release(second, ReleaseMode::enforced, policy::digest_of(first), false));
  CHECK(told() == "policy-superseded");
  // What follows a release that the log has never heard of.
  const flow::Envelope stray = folder.bundle("# stray\n" + o.rules, 9);
  folder.put("in-force.json",
             folder.desk.release(stray, ReleaseMode::enforced, std::string(64, '0'), false));
  CHECK(told() == "policy-chain-broken");
  folder.put("in-force.json", newest);
  CHECK(told() == "ok");
}

TEST_CASE("what is above the grade waits, undecided, while no witness sees the log", "[decide]") {
  Office o;
  o.rules.insert(o.rules.find("[[permit]]"),
                 "[unwitnessed]\nafter = \"1h\"\nsecrecy = \"open\"\ngrade = \"general\"\n\n");
  const std::chrono::seconds now =
      std::chrono::floor<std::chrono::seconds>(o.clock.now().value().since_epoch());
  const auto log = [&](std::chrono::seconds age) {
    return audit::Witnessed{.demanded = true, .size = 7, .time = now - age};
  };
  const std::chrono::seconds hour(3600);
  flow::Submission about = o.submission();
  // What may flow flows, however old the quorum is.
  CHECK(must(o.run(stages::decide, o.work_about(about), o.means(), log(10 * hour))).reason == "ok");
  // egov -> classified takes up to internal and important.
  about.destination_zone = must(ZoneId::create("classified"));
  about.destination_nodes = {must(NodeId::create("vault"))};
  about.label.grade = flow::DataGrade::important;
  const ledger::Work work = o.work_about(about);
  CHECK(must(o.run(stages::decide, work, o.means(), log(hour))).reason == "ok");
  const Outcome held =
      must(o.run(stages::decide, work, o.means(), log(hour + std::chrono::seconds(1))));
  CHECK(held.handed_back);
  CHECK(o.custodian.given_back() == 1);
  CHECK(must(o.run(stages::decide, work, o.means(), {.demanded = true})).handed_back);
  // Nobody is asked: the limit holds all the same. Without the table nothing waits.
  CHECK(must(o.run(stages::decide, work, o.means(), {})).handed_back);
  Office plain;
  CHECK(must(plain.run(stages::decide, plain.work_about(about), plain.means(), {.demanded = true}))
            .reason == "ok");
}

TEST_CASE("a clearance waits for witnesses as a decision does, and a refusal does not",
          "[decide]") {
  Office o;
  o.rules.insert(o.rules.find("[[permit]]"),
                 "[unwitnessed]\nafter = \"1h\"\nsecrecy = \"internal\"\ngrade = \"general\"\n\n");
  flow::Submission about = o.submission();
  about.destination_zone = must(ZoneId::create("classified"));
  about.destination_nodes = {must(NodeId::create("vault"))};
  about.label.grade = flow::DataGrade::important;
  const audit::Witnessed seen{
      .demanded = true,
      .size = 7,
      .time = std::chrono::floor<std::chrono::seconds>(o.clock.now().value().since_epoch())};
  const ledger::Work work = o.decided(about, seen);
  CHECK(must(o.run(stages::clear, work, o.means(), {.demanded = true})).handed_back);
  CHECK(o.custodian.given_back() == 1);
  CHECK(must(o.run(stages::clear, work, o.means(), {})).handed_back);
  CHECK(must(o.run(stages::clear, work, o.means(), seen)).reason == "ok");
  o.clock.advance(std::chrono::hours(24 * 366 * 20));  // the policy has expired
  CHECK(must(o.run(stages::clear, work, o.means(), {.demanded = true})).verdict == Verdict::fail);
}

TEST_CASE("what the posture does not let flow waits, undecided, and a refusal waits for nobody",
          "[decide]") {
  Office o;
  using policy::Posture;
  flow::Submission up = o.submission();  // egov -> internet leaves
  CHECK(must(o.run(stages::decide, o.work_about(up), o.means(), {}, Posture::import_only))
            .handed_back);
  CHECK(must(o.run(stages::decide, o.work_about(up), o.means(), {}, Posture::stop)).handed_back);
  CHECK(must(o.run(stages::clear, o.decided(up), o.means(), {}, Posture::stop)).handed_back);
  up.destination_zone = must(ZoneId::create("classified"));
  up.destination_nodes = {must(NodeId::create("vault"))};
  CHECK(must(o.run(stages::decide, o.work_about(up), o.means(), {}, Posture::import_only)).reason ==
        "ok");
  CHECK(must(o.run(stages::decide, o.work_about(up), o.means(), {}, Posture::stop)).handed_back);
  up.facts.product = "none";
  CHECK(must(o.run(stages::decide, o.work_about(up), o.means(), {}, Posture::stop)).reason ==
        "product-unknown");
}

TEST_CASE("where a directory is configured nothing is decided by the file of people", "[decide]") {
  Office o;
  const ledger::Work work = o.work_about(o.submission());
  const auto with_desk = [&](milliseconds started) {
    stages::DirectoryDesk desk(o.folder / "nobody.sock", o.key("directory").verify_key(),
                               config::DirectoryAges{}, started);
    stages::DecideMeans means = o.means();
    means.desk = &desk;
    return o.run(stages::decide, work, means);
  };
  // Nobody answers: for a while the transfer is tried again …
  const milliseconds now = os::monotonic_now();
  CHECK(with_desk(now).error().reason() == "directory-unavailable");
  CHECK(with_desk(now).error().code() == ErrorCode::unavailable);
  // … and then it is refused, with what was asked on the record.
  const Outcome refused = must(with_desk(now - std::chrono::hours(2)));
  CHECK(refused.verdict == Verdict::fail);
  CHECK(refused.reason == "directory-stale");
  const flow::Decision decision = o.decision_at(refused.evidence.at("decision"));
  CHECK_FALSE(decision.allowed);
  CHECK(decision.recipients.empty());
  CHECK(text_of(o.custodian.object(refused.evidence.at("directory"))).find("unanswered") !=
        std::string::npos);
  CHECK(refused.records.front().body.find("directoryAge") == std::string::npos);
}

TEST_CASE("the directory is asked about who the submission and the policy name", "[decide]") {
  Office o;
  flow::Submission about = o.submission();
  about.label.secrecy = flow::Secrecy::internal;
  about.label.compartments = {"矿产"};
  const auto policy = must(policy::Policy::parse(o.rules, o.catalogue));
  const auto question = stages::question_about(about, policy, o.catalogue, o.entropy);
  CHECK(question.nodes == std::set{must(NodeId::create("portal")), must(NodeId::create("survey"))});
  CHECK(question.roles == std::set<std::string>{"reviewer"});
  CHECK_FALSE(question.anybody);
  CHECK(question.secrecy == flow::Secrecy::internal);
  CHECK(question.compartments == std::set<std::string>{"矿产"});
  const auto again = stages::question_about(about, policy, o.catalogue, o.entropy);
  CHECK(again.nonce != question.nonce);
  std::string any = o.rules;
  const std::string roles = ", roles = [\"reviewer\"]";
  any.erase(any.find(roles), roles.size());
  CHECK(stages::question_about(about, must(policy::Policy::parse(any, o.catalogue)), o.catalogue,
                               o.entropy)
            .anybody);
}
