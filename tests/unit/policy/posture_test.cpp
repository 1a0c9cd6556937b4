// Who may make a gateway tighter or looser, and what still flows.

#include "policy/posture.hpp"

#include "policy/policy.hpp"
#include "tests/support/policy_desk.hpp"

namespace {

using namespace hangu;
using policy::Posture;
using test::must;
using test::PolicyDesk;

std::string reason(const auto& result) {
  return result ? std::string("ok") : std::string(result.error().reason());
}

std::string taken(PolicyDesk& desk, const std::vector<std::string>& names, bool loosens) {
  const policy::PostureOrder order{must(WallTime::parse("2026-03-01T08:00:00Z")), "gw-demo", 1,
                                   Posture::stop, "drill"};
  flow::Envelope envelope{std::string(policy::kPosturePayloadType), to_bytes(order.to_text()), {}};
  for (const std::string& name : names)
    envelope.signatures.push_back(
        must(flow::Envelope::sign(envelope.payload_type, envelope.payload, desk.key(name)))
            .signatures.front());
  return reason(policy::check_posture_signatures(envelope, desk.signers(), loosens));
}

}  // namespace

TEST_CASE("one officer or data owner makes a gateway tighter, two people make it looser",
          "[posture]") {
  PolicyDesk desk;
  CHECK(taken(desk, {"li"}, false) == "ok");
  CHECK(taken(desk, {"owner"}, false) == "ok");
  CHECK(taken(desk, {"authority"}, false) == "posture-signatures-few");
  CHECK(taken(desk, {"stranger"}, false) == "posture-signatures-few");
  CHECK(taken(desk, {"li", "wang"}, true) == "ok");
  CHECK(taken(desk, {"li", "owner"}, true) == "ok");
  CHECK(taken(desk, {"li"}, true) == "posture-signatures-few");
  CHECK(taken(desk, {"li", "li"}, true) == "posture-signatures-few");
  CHECK(taken(desk, {"owner", "authority"}, true) == "posture-signatures-few");
}

TEST_CASE("import only lets flow into a zone that may hold more, and nothing else", "[posture]") {
  using flow::DataGrade;
  using flow::Secrecy;
  const policy::Ceiling low{Secrecy::open, DataGrade::general};
  const policy::Ceiling middle{Secrecy::internal, DataGrade::important};
  const policy::Ceiling askew{Secrecy::secret, DataGrade::general};
  CHECK(lets_flow(Posture::import_only, low, middle));
  CHECK_FALSE(lets_flow(Posture::import_only, middle, low));
  CHECK_FALSE(lets_flow(Posture::import_only, low, low));
  CHECK_FALSE(lets_flow(Posture::import_only, middle, askew));  // higher in one, lower in the other
  CHECK(lets_flow(Posture::import_only, low, askew));
  CHECK(lets_flow(Posture::normal, middle, low));
  CHECK_FALSE(lets_flow(Posture::stop, low, middle));
}

TEST_CASE("an order is read in its one spelling", "[posture]") {
  const policy::PostureOrder order{must(WallTime::parse("2026-03-01T08:00:00Z")), "gw-demo", 7,
                                   Posture::import_only, "演练"};
  const std::string text = order.to_text();
  CHECK(must(policy::PostureOrder::parse(text)).to_text() == text);
  std::string wrong = text;
  wrong.replace(wrong.find("import-only"), 11, "imports-only");
  CHECK(reason(policy::PostureOrder::parse(wrong)) == "field-invalid");
  CHECK(reason(policy::PostureOrder::parse(text + "\n")) == "statement-not-canonical");
  policy::PostureOrder long_winded = order;
  long_winded.reason = std::string(policy::kPostureReasonBytesMax, 'x');
  CHECK(reason(policy::PostureOrder::parse(long_winded.to_text())) == "ok");
  long_winded.reason += "x";
  CHECK(reason(policy::PostureOrder::parse(long_winded.to_text())) == "field-range");
}

TEST_CASE("a policy says what trouble makes of the posture, and only tighter", "[posture]") {
  const auto names =
      must(policy::Catalogue::parse(test::source_file("policy/examples/demo.catalogue.toml")));
  const auto read = [&](const std::string& table) {
    return policy::Policy::parse(
        "[policy]\nid = \"p\"\nversion = 1\neffective = 2026-01-01T00:00:00Z\n"
        "expires = 2027-01-01T00:00:00Z\ncatalogue = \"" +
            names.name() + "\"\n" + table,
        names);
  };
  const policy::Policy both =
      must(read("[posture]\nalarm = \"stop\"\nunwitnessed = { after = \"2h\", posture = "
                "\"import-only\" }\n"));
  CHECK(both.posture.alarm == Posture::stop);
  CHECK(both.posture.unwitnessed == Posture::import_only);
  CHECK(both.posture.unwitnessed_after == std::chrono::hours(2));
  CHECK(must(read("")).posture == policy::PostureRules{});
  CHECK(reason(read("[posture]\nalarm = \"normal\"\n")) == "config-value");
  CHECK(reason(read("[posture]\nalarm = \"halt\"\n")) == "config-value");
  CHECK(reason(read("[posture]\nunwitnessed = { after = \"31d\", posture = \"stop\" }\n")) ==
        "config-value");
  CHECK(reason(read("[posture]\nunwitnessed = { posture = \"stop\" }\n")) == "config-value");
  CHECK(reason(read("[posture]\nalert = \"stop\"\n")) == "config-unknown-key");
}
