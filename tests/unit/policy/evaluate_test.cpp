#include "policy/evaluate.hpp"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "policy/people_file.hpp"
#include "policy/signed_document.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using policy::PeopleFile;
using policy::Policy;
using test::must;
using test::source_file;

/// A small world: three nodes, three people, the shipped policy.
struct World {
  test::SeededEntropy entropy{"policy world"};
  config::Gateway gateway =
      must(config::Gateway::parse(source_file("config/gateway.example.toml")));
  Catalogue catalogue = must(Catalogue::parse(source_file("policy/examples/demo.catalogue.toml")));
  Policy rules = must(Policy::parse(source_file("policy/examples/demo.policy.toml"), catalogue));
  std::map<std::string, crypto::SigningKey> keys;
  std::vector<policy::NodeRecord> nodes;
  std::vector<policy::PersonRecord> people;
  WallTime now = must(WallTime::parse("2026-03-01T08:00:00Z"));

  World() {
    add_node("survey", "egov");
    add_node("portal", "internet");
    add_node("vault", "classified");
    for (const char* name : {"li", "wang", "zhao"}) add_person(name);
  }
  void add_node(const std::string& name, const std::string& zone) {
    const auto& key = new_key(name);
    const auto seal = must(crypto::OpeningKey::generate(crypto::Suite::intl, entropy));
    nodes.push_back(
        {must(NodeId::create(name)), "org", {zone}, {key.verify_key()}, {seal.recipient_key()}});
  }
  void add_person(const std::string& name) {
    people.push_back({must(PersonId::create(name)),
                      name,
                      "office",
                      {"reviewer"},
                      flow::Secrecy::confidential,
                      flow::DataGrade::core,
                      now + std::chrono::hours(24),
                      {new_key(name).verify_key()}});
  }
  const crypto::SigningKey& new_key(const std::string& name) {
    return keys
        .emplace(name,
                 must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy)))
        .first->second;
  }
  flow::Submission submission(const std::string& from = "egov", const std::string& node = "survey",
                              const std::string& to = "internet",
                              const std::string& to_node = "portal") const {
    const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("0123456789"));
    return {must(flow::ObjectTable::create({{"t.csv", "text/csv", digest}})),
            {flow::Secrecy::open, flow::DataGrade::general, 0, "bureau", {}},
            crypto::Suite::intl,
            must(ZoneId::create(from)),
            must(NodeId::create(node)),
            must(ZoneId::create(to)),
            {must(NodeId::create(to_node))},
            {"world-map", {}, 1'000'000, "EPSG:4490", std::nullopt, std::nullopt},
            1,
            std::nullopt,
            now,
            now + std::chrono::hours(1)};
  }
  flow::Decision decide(const flow::Submission& s) const { return decide(s, rules); }
  flow::Decision decide(const flow::Submission& s, const Policy& by) const {
    return evaluated(s, by).decision;
  }
  policy::Evaluated evaluated(const flow::Submission& s, const Policy& by) const {
    const PeopleFile directory(1, nodes, people);
    const auto key = keys.find(s.origin_node.text());
    return policy::evaluate({by, catalogue, directory, gateway},
                            {s, key == keys.end() ? "" : key->second.verify_key().id()}, now);
  }
};

/// The policy with its rules as `change` leaves them.
template <class Change>
Policy changed(Policy policy, Change change) {
  std::vector<policy::Rule> rules = policy.book.rules();
  change(rules);
  policy.book = policy::RuleBook(std::move(rules), policy.book.calendars());
  return policy;
}

}  // namespace

TEST_CASE("open data goes to the internet with two reviewers", "[policy]") {
  const World w;
  const flow::Decision d = w.decide(w.submission());
  CHECK(d.allowed);
  CHECK(d.rules == std::vector<std::string>{"P-001"});
  CHECK(d.obligations.approver_slots == std::vector<std::string>{"reviewer", "reviewer"});
  CHECK(d.approvers.size() == 3);
  CHECK(d.recipients.size() == 1);
  CHECK(*flow::Decision::parse(d.to_json()) == d);
}

TEST_CASE("imports need nobody", "[policy]") {
  const World w;
  CHECK(w.decide(w.submission("internet", "portal", "egov", "survey"))
            .obligations.approver_slots.empty());
  CHECK(w.decide(w.submission("egov", "survey", "classified", "vault")).allowed);
}

TEST_CASE("without a link there is no way, whatever the rules say", "[policy]") {
  const World w;
  const flow::Decision d = w.decide(w.submission("classified", "vault", "internet", "portal"));
  CHECK_FALSE(d.allowed);
  CHECK(d.reason == "link-absent");
  CHECK(d.explanation_zh.find("涉密内网") != std::string::npos);
  CHECK(d.recipients.empty());
}

TEST_CASE("what is unknown denies, each with its reason", "[policy]") {
  World w;
  auto s = w.submission();
  const auto reason = [&] { return w.decide(s).reason; };
  s.origin_node = must(NodeId::create("nobody"));
  CHECK(reason() == "submitter-unknown");
  s = w.submission("internet", "survey", "egov", "survey");
  CHECK(reason() == "submitter-zone");
  s = w.submission();
  s.destination_nodes = {must(NodeId::create("nobody"))};
  CHECK(reason() == "recipient-unknown");
  s.destination_nodes = {must(NodeId::create("vault"))};
  CHECK(reason() == "recipient-zone");
  s = w.submission();
  s.suite = crypto::Suite::gm;
  CHECK(reason() == "recipient-suite");
  s = w.submission();
  s.facts.product = "unheard-of";
  CHECK(reason() == "product-unknown");
  s = w.submission();
  s.label.secrecy = flow::Secrecy::internal;
  CHECK(reason() == "label-above-ceiling");
  w.keys.erase("survey");
  s = w.submission();
  CHECK(reason() == "submitter-key");
}

TEST_CASE("a policy counts from its first moment until just before its last", "[policy]") {
  World w;
  const auto at = [&](WallTime now) {
    w.now = now;
    auto s = w.submission();
    return w.decide(s).reason;
  };
  const auto tick = std::chrono::milliseconds(1);
  for (policy::PersonRecord& person : w.people)
    person.not_after = w.rules.expires + std::chrono::hours(1);
  CHECK(at(w.rules.effective) == "ok");
  CHECK(at(w.rules.effective + -tick) == "policy-not-effective");
  CHECK(at(w.rules.expires + -tick) == "ok");
  CHECK(at(w.rules.expires) == "policy-expired");
}

TEST_CASE("a forbid wins over every permit and its scale limit is exact", "[policy]") {
  const World w;
  auto s = w.submission();
  s.facts.scale = 5000;
  CHECK(w.decide(s).allowed);
  s.facts.scale = 4999;
  CHECK(w.decide(s).reason == "policy-forbidden");
  CHECK(w.decide(s).rules == std::vector<std::string>{"F-001"});
  s.facts.scale.reset();  // not said: it touches
  CHECK(w.decide(s).reason == "policy-forbidden");
}

TEST_CASE("the size limit of a rule is exact", "[policy]") {
  const World w;
  const auto with_limit = [&](std::uint64_t bytes) {
    return changed(w.rules, [&](auto& rules) { rules[0].obligations.limits.bytes = bytes; });
  };
  CHECK(w.decide(w.submission(), with_limit(10)).allowed);
  CHECK(w.decide(w.submission(), with_limit(9)).reason == "size-over-limit");
}

TEST_CASE("people without clearance, expired, or of one human do not make a quorum", "[policy]") {
  World w;
  w.people[0].not_after = w.now;
  CHECK(w.decide(w.submission()).allowed);
  w.people[1].clearance_grade = flow::DataGrade::general;
  w.people[1].human = w.people[2].human;
  CHECK(w.decide(w.submission()).reason == "approvers-too-few");
  w.people[1].human = "wang";
  CHECK(w.decide(w.submission()).allowed);
  w.people[1].human = "survey";  // the submitter
  CHECK(w.decide(w.submission()).reason == "approvers-too-few");
}

TEST_CASE("a refusal names the rules that fail in one column only", "[policy]") {
  const World w;
  auto s = w.submission("egov", "survey", "classified", "vault");
  s.label.grade = flow::DataGrade::core;
  const flow::Decision d = w.decide(s);
  CHECK(d.reason == "policy-no-permit");
  CHECK(d.explanation_en.find("P-003 fails only in data grade") != std::string::npos);
}

TEST_CASE("order never matters and a further rule never weakens an obligation", "[policy]") {
  const World w;
  std::mt19937 random(20260301);
  const Policy many = changed(w.rules, [&](auto& rules) {
    for (int i = 0; i < 12; ++i) {
      policy::Rule rule = rules[0];
      rule.id = "R-" + std::to_string(i);
      rule.obligations.approvals = static_cast<std::uint32_t>(random() % 3);
      rule.obligations.approver_roles = {};
      rule.obligations.limits.bytes = 100 + random() % 1000;
      if (random() % 4 == 0) rule.box.to = policy::NameSet{*w.catalogue.zones.find("classified")};
      rules.push_back(rule);
    }
  });
  const flow::Decision base = w.decide(w.submission(), many);
  REQUIRE(base.allowed);
  for (int round = 0; round < 50; ++round) {
    const Policy shuffled =
        changed(many, [&](auto& rules) { std::ranges::shuffle(rules, random); });
    CHECK(w.decide(w.submission(), shuffled) == base);
    const Policy cut =
        changed(shuffled, [&](auto& rules) { rules.resize(1 + random() % rules.size()); });
    const flow::Decision fewer = w.decide(w.submission(), cut);
    if (!fewer.allowed) continue;
    CHECK(fewer.obligations.approver_slots.size() <= base.obligations.approver_slots.size());
    CHECK((fewer.obligations.bytes_max == 0 ||
           fewer.obligations.bytes_max >= base.obligations.bytes_max));
  }
}

TEST_CASE("what the gateway cannot carry out it refuses, each with its reason", "[policy]") {
  const World w;
  const auto reason = [&](auto change) {
    return w
        .decide(w.submission(),
                changed(w.rules, [&](auto& rules) { change(rules[0].obligations); }))
        .reason;
  };
  using policy::NameSet;
  using policy::Obligations;
  CHECK(reason([](Obligations&) {}) == "ok");
  CHECK(reason([](Obligations& o) { o.limits.objects = 1; }) == "ok");
  CHECK(reason([](Obligations& o) { o.limits.objects = 0; }) == "objects-over-limit");
  CHECK(reason([](Obligations& o) { o.carriers = 6; }) == "carrier-refused");
  CHECK(reason([](Obligations& o) { o.declassifiers = NameSet{0}; }) == "declassifier-missing");
  const std::string other = "obligation-unavailable";
  CHECK(reason([](Obligations& o) { o.packs = NameSet{0}; }) == other);
  CHECK(reason([](Obligations& o) { o.distinct_organisations = true; }) == other);
  CHECK(reason([](Obligations& o) { o.limits.per_day = 1; }) == "ok");  // counted at the release
  CHECK(reason([](Obligations& o) { o.limits.contiguous_km2 = 1; }) == "ok");  // the same
  CHECK(reason([](Obligations& o) { o.watermark = true; }) == other);
  CHECK(reason([](Obligations& o) { o.notify = NameSet{0}; }) == other);
  CHECK(reason([](Obligations& o) { o.approvals = 17; }) == other);
  // A role that nobody holds besides those that do: who could sign does not make it up.
  CHECK(reason([](Obligations& o) { o.approver_roles.insert(1); }) == "approvers-too-few");
}

TEST_CASE("a node's roles and level count as the directory says, and unknown ones are no excuse",
          "[policy]") {
  World w;
  const auto with = [&](const std::string& rule) {
    return must(Policy::parse(source_file("policy/examples/demo.policy.toml") + rule, w.catalogue));
  };
  const Policy policy =
      with("\n[[forbid]]\nid = \"F-9\"\nsubject = { role = \"security-officer\" }\n");
  const auto reason = [&] { return w.decide(w.submission(), policy).reason; };
  CHECK(reason() == "policy-forbidden");  // the directory says nothing of its roles
  w.nodes[0].roles = std::set<std::string>{};
  CHECK(reason() == "ok");
  w.nodes[0].roles = std::set<std::string>{"reviewer"};
  CHECK(reason() == "ok");
  w.nodes[0].roles = std::set<std::string>{"reviewer", "security-officer"};
  CHECK(reason() == "policy-forbidden");
  w.nodes[0].roles = std::set<std::string>{"security-oficer"};
  CHECK(reason() == "role-unknown");
  const PeopleFile file(7, w.nodes, w.people);
  CHECK(must(PeopleFile::parse(file.to_text())).nodes()[1].roles == w.nodes[0].roles);
}

TEST_CASE("facts that no catalogue knows deny", "[policy]") {
  const World w;
  auto s = w.submission("egov", "survey", "classified", "vault");
  s.label.secrecy = flow::Secrecy::internal;
  s.label.compartments = {"不存在"};
  CHECK(w.decide(s).reason == "compartment-unknown");
  s.label.compartments = {"海洋"};
  CHECK(w.decide(s).allowed);
  s.facts.areas = {"99"};
  CHECK(w.decide(s).reason == "area-unknown");
  s.facts.areas = {"33"};
  CHECK(w.decide(s).allowed);
}

TEST_CASE("a document counts only with an officer's signature and as its own type", "[policy]") {
  test::SeededEntropy entropy("officer");
  const auto officer =
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy));
  const auto other =
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy));
  const std::string text =
      must(policy::sign_document(policy::kPolicyPayloadType, "[policy]", officer));
  const std::vector officers{officer.verify_key()};
  const std::vector others{other.verify_key()};
  CHECK(must(policy::open_signed(text, policy::kPolicyPayloadType, officers)) == "[policy]");
  CHECK_FALSE(policy::open_signed(text, policy::kPolicyPayloadType, others));
  CHECK_FALSE(policy::open_signed(text, policy::kCataloguePayloadType, officers));
  CHECK_FALSE(policy::open_signed("[policy]", policy::kPolicyPayloadType, officers));
}

TEST_CASE("the people file reads back as written and refuses a key that two hold", "[policy]") {
  World w;
  const PeopleFile file(7, w.nodes, w.people);
  const PeopleFile again = must(PeopleFile::parse(file.to_text()));
  CHECK(again.to_text() == file.to_text());
  CHECK(again.version() == 7);
  w.people[1].signing_keys = w.people[0].signing_keys;
  const auto twice = PeopleFile::parse(PeopleFile(8, w.nodes, w.people).to_text());
  REQUIRE_FALSE(twice);
  CHECK(twice.error().reason() == "people-twice");
}
