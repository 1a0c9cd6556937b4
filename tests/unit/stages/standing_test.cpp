// What decide goes by: which documents count, and that the log knows which release follows which.

#include <fstream>

#include <catch2/catch.hpp>

#include "audit/schema.hpp"
#include "policy/signed_document.hpp"
#include "stages/decide/policy_record.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/policy_desk.hpp"
#include "tests/unit/stages/office.hpp"

namespace {

using namespace hangu;
using flow::Verdict;
using line::Outcome;
using test::must;
using test::Office;
using test::source_file;

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
