// Who must have signed a policy, and what a gateway takes for one.

#include "policy/release.hpp"

#include <algorithm>

#include "tests/support/policy_desk.hpp"

namespace {

using namespace hangu;
using policy::Duty;
using policy::Release;
using policy::ReleaseMode;
using policy::Signer;
using policy::Signers;
using test::must;
using test::PolicyDesk;

const std::string kRules = "[policy]\nid = \"p\"\n";
const std::string kNames = "[catalogue]\nid = \"c\"\n";

std::string reason(const auto& result) {
  return result ? std::string("ok") : std::string(result.error().reason());
}

/// What a gateway says of a bundle that these people have signed.
std::string taken(PolicyDesk& desk, const std::vector<std::string>& names, bool widens) {
  const flow::Envelope envelope = desk.signed_by(desk.bundle(kRules, kNames, 1), names);
  return reason(policy::check_signatures(envelope, desk.signers(), widens));
}

}  // namespace

TEST_CASE("a policy counts with the signatures of two people, one of them a policy officer",
          "[release]") {
  PolicyDesk desk;
  CHECK(taken(desk, {"li", "wang"}, false) == "ok");
  CHECK(taken(desk, {"owner", "wang"}, false) == "ok");
  CHECK(taken(desk, {"li"}, false) == "policy-signatures-few");
  CHECK(taken(desk, {"owner"}, false) == "policy-signatures-few");
  CHECK(taken(desk, {"li", "stranger"}, false) == "policy-signatures-few");
  // A classification authority answers for names, not for rules.
  CHECK(taken(desk, {"li", "authority"}, false) == "policy-signatures-few");
}

TEST_CASE("new access or less demanded takes three people, one of them a data owner", "[release]") {
  PolicyDesk desk;
  CHECK(taken(desk, {"li", "wang", "owner"}, true) == "ok");
  CHECK(taken(desk, {"li", "wang"}, true) == "policy-signatures-few");
  CHECK(taken(desk, {"li", "owner"}, true) == "policy-signatures-few");
  CHECK(taken(desk, {"li", "owner", "authority"}, true) == "policy-signatures-few");
}

TEST_CASE("people are counted, not signatures and not keys", "[release]") {
  PolicyDesk desk;
  CHECK(taken(desk, {"li", "li"}, false) == "policy-signatures-few");
  // Two keys of one human are one human.
  const Signers signers = must(
      Signers::create({{"li",
                        "bureau",
                        Duty::policy_officer,
                        {desk.key("li").verify_key(), desk.key("li at home").verify_key()}},
                       {"owner", "bureau", Duty::data_owner, {desk.key("owner").verify_key()}}}));
  const policy::Bundle bundle = desk.bundle(kRules, kNames, 1);
  CHECK(reason(policy::check_signatures(desk.signed_by(bundle, {"li", "li at home"}), signers,
                                        false)) == "policy-signatures-few");
  CHECK(reason(policy::check_signatures(desk.signed_by(bundle, {"li at home", "owner"}), signers,
                                        false)) == "ok");
}

TEST_CASE("a signature over another bundle counts nothing", "[release]") {
  PolicyDesk desk;
  flow::Envelope envelope = desk.signed_by(desk.bundle(kRules, kNames, 1), {"li"});
  const flow::Envelope other = desk.signed_by(desk.bundle(kRules, kNames, 2), {"wang"});
  envelope.signatures.push_back(other.signatures.front());
  CHECK(reason(policy::check_signatures(envelope, desk.signers(), false)) ==
        "policy-signatures-few");
}

TEST_CASE("a list of signers in which somebody stands twice is none", "[release]") {
  PolicyDesk desk;
  const auto list = [&](std::vector<Signer> signers) {
    return reason(Signers::create(std::move(signers)));
  };
  const Signer li{"li", "bureau", Duty::policy_officer, {desk.key("li").verify_key()}};
  Signer as_owner = li;
  as_owner.duty = Duty::data_owner;
  Signer other_name = li;
  other_name.human = "li's other name";
  Signer no_key = li;
  no_key.keys.clear();
  CHECK(list({li}) == "ok");
  CHECK(list({li, as_owner}) == "signers-invalid");    // one human, two duties
  CHECK(list({li, other_name}) == "signers-invalid");  // one key, two humans
  CHECK(list({no_key}) == "signers-invalid");
  CHECK(list({}) == "signers-invalid");
  std::vector<Signer> many;
  for (std::size_t i = 0; i < policy::kSignersMax; ++i) {
    const std::string human = "signer " + std::to_string(i);
    many.push_back({human, "bureau", Duty::policy_officer, {desk.key(human).verify_key()}});
  }
  CHECK(list(many) == "ok");
  many.push_back(li);
  CHECK(list(many) == "signers-invalid");
}

TEST_CASE("a list of signers is read as it was written, and no other spelling of a duty",
          "[release]") {
  PolicyDesk desk;
  const std::string text = desk.signers().to_text();
  CHECK(must(Signers::parse(text)).to_text() == text);
  std::string wrong = text;
  wrong.replace(wrong.find("data-owner"), 10, "data-ownre");
  CHECK(reason(Signers::parse(wrong)) == "field-invalid");
  CHECK(reason(Signers::parse(text + " ")) == "ok");  // white space around is none of its content
  CHECK(reason(Signers::parse(text + "x")) == "json-syntax");
}

TEST_CASE("a release counts with the gate's word on this very bundle", "[release]") {
  PolicyDesk desk;
  const Signers signers = desk.signers();
  const crypto::VerifyKey gate = desk.key("gate").verify_key();
  const policy::Bundle bundle = desk.bundle(kRules, kNames, 7);
  const flow::Envelope envelope = desk.signed_by(bundle, {"li", "wang", "owner"});
  const auto open = [&](const std::string& text, ReleaseMode mode = ReleaseMode::enforced) {
    return Release::open(text, mode, signers, gate);
  };
  const std::string text = desk.release(envelope, ReleaseMode::enforced);
  const Release release = must(open(text));
  CHECK(release.bundle.policy == kRules);
  CHECK(release.catalogue == kNames);
  CHECK(release.report.release == 7);
  CHECK(release.report.signers == std::vector<std::string>{"li", "owner", "wang"});

  CHECK(reason(open(desk.release(envelope, ReleaseMode::enforced, {}, true, "another gate"))) ==
        "policy-ungated");
  // A shadow's release is not in force, nor the other way round.
  CHECK(reason(open(text, ReleaseMode::shadow)) == "policy-ungated");
  CHECK(reason(open(desk.release(envelope, ReleaseMode::shadow))) == "policy-ungated");
  // The word on one bundle beside another.
  const flow::Envelope other =
      desk.signed_by(desk.bundle(kRules + "# changed\n", kNames, 7), {"li", "wang", "owner"});
  const auto json = must(wire::Json::parse(desk.release(other, ReleaseMode::enforced), 1 << 20));
  const std::string mixed = wire::Json(wire::JsonObject{{"before", wire::JsonArray{}},
                                                        {"bundle", envelope.to_text()},
                                                        {"gate", *json.find("gate")->as_string()}})
                                .to_text();
  CHECK(reason(open(mixed)) == "policy-ungated");
  CHECK_FALSE(open(text.substr(0, text.size() - 1)));
  CHECK_FALSE(open(text + "{}"));
}

TEST_CASE("whoever decides counts the signatures again, by what the gate says it changes",
          "[release]") {
  PolicyDesk desk;
  const Signers signers = desk.signers();
  const crypto::VerifyKey gate = desk.key("gate").verify_key();
  const auto open = [&](const std::vector<std::string>& names, bool widens,
                        const std::string& authority = "authority") {
    const flow::Envelope envelope =
        desk.signed_by(desk.bundle(kRules, kNames, 1, authority), names);
    return reason(Release::open(desk.release(envelope, ReleaseMode::enforced, {}, widens),
                                ReleaseMode::enforced, signers, gate));
  };
  CHECK(open({"li", "wang"}, false) == "ok");
  CHECK(open({"li", "wang"}, true) == "policy-signatures-few");
  CHECK(open({"li"}, false) == "policy-signatures-few");
  // Who writes rules does not name the grades.
  CHECK(open({"li", "wang"}, false, "li") == "catalogue-unsigned");
  CHECK(open({"li", "wang"}, false, "stranger") == "catalogue-unsigned");
}

TEST_CASE("a bundle is read in its one spelling, with a release from 1", "[release]") {
  PolicyDesk desk;
  const policy::Bundle bundle = desk.bundle(kRules, kNames, UINT32_MAX);
  CHECK(must(policy::Bundle::parse(bundle.to_text())).release == UINT32_MAX);
  policy::Bundle none = bundle;
  none.release = 0;
  CHECK(reason(policy::Bundle::parse(none.to_text())) == "field-range");
  std::string spaced = bundle.to_text();
  spaced.insert(1, " ");
  CHECK(reason(policy::Bundle::parse(spaced)) == "statement-not-canonical");
  std::string more = bundle.to_text();
  more.insert(more.size() - 1, ",\"also\":1");
  CHECK(reason(policy::Bundle::parse(more)) == "field-unknown");
  const flow::Envelope typed = must(flow::Envelope::sign(
      std::string(policy::kPolicyPayloadType), to_bytes(bundle.to_text()), desk.key("li")));
  CHECK(reason(policy::bundle_in(typed)) == "document-type");
}
