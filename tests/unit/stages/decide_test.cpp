#include "stages/decide/decide.hpp"

#include <catch2/catch.hpp>

#include "audit/schema.hpp"
#include "base/limits.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "policy/asked.hpp"
#include "tests/unit/stages/office.hpp"

namespace {

using namespace hangu;
using flow::Stage;
using flow::Verdict;
using line::Outcome;
using std::chrono::milliseconds;
using test::must;
using test::Office;
using test::source_file;

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
