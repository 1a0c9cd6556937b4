#pragma once
// An office for tests of decide: the shipped policy, three nodes, three reviewers, and a custodian
// that holds a submission.

#include <catch2/catch.hpp>

#include "stages/decide/decide.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/support/must.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::test {

using line::Outcome;
using std::chrono::milliseconds;

struct Office {
  SeededEntropy entropy{"decide"};
  os::test::ScratchFolder folder;
  CustodianDouble custodian{folder / "custodian.sock"};
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
    work.stage = flow::Stage::decide;
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
    work.stage = flow::Stage::clear;
    return work;
  }
};

}  // namespace hangu::test
