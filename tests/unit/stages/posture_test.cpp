// The posture of a gateway at each moment, and that the log knows it.

#include <filesystem>
#include <fstream>

#include "stages/decide/posture_watch.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/policy_desk.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using policy::Posture;
using stages::PostureNow;
using stages::PostureWatch;
using test::must;

/// A gateway's policy folder, its log, and people with keys.
struct Watchtower {
  test::SeededEntropy entropy{"watchtower"};
  os::test::ScratchFolder folder;
  ManualClock clock{must(WallTime::parse("2026-03-01T08:00:00Z"))};
  test::PolicyDesk desk;
  test::AuditService log{
      folder / "log-of-postures",
      "gw-demo/audit",
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy)),
      clock,
      {"decide"}};
  line::AuditClient client = must(line::AuditClient::connect(log.socket("decide"), entropy));
  policy::PostureRules rules{};
  audit::Witnessed witnessed{};
  PostureWatch watch = started();
  std::map<std::uint32_t, policy::SignedOrder> taken{};
  std::optional<policy::SignedOrder> written{};

  PostureWatch started() { return {folder.path(), desk.signers(), "gw-demo"}; }
  void put(std::uint32_t number, Posture posture, const std::vector<std::string>& names,
           const std::string& gateway = "gw-demo") {
    const policy::PostureOrder order{clock.now().value(), gateway, number, posture, "drill"};
    flow::Envelope envelope{
        std::string(policy::kPosturePayloadType), to_bytes(order.to_text()), {}};
    for (const std::string& name : names)
      envelope.signatures.push_back(
          must(flow::Envelope::sign(envelope.payload_type, envelope.payload, desk.key(name)))
              .signatures.front());
    // Behind those that the gateway has taken.
    std::vector<policy::SignedOrder> file;
    for (const auto& [earlier, one] : taken)
      if (earlier < number) file.push_back(one);
    file.push_back({envelope, order});
    written = file.back();
    std::ofstream(folder / "posture.json") << policy::orders_text(file);
  }
  Result<PostureNow> look() { return watch.look(rules, witnessed, clock.now().value(), client); }
  /// The posture, or why everything waits.
  std::string says() {
    const auto now = look();
    if (now && written) taken.insert_or_assign(written->order.number, *written);
    if (now) return std::string(policy::to_text(now->posture));
    CHECK(now.error().code() == ErrorCode::unavailable);
    return std::string(now.error().reason());
  }
  /// As a program that has just started.
  std::string says_anew() {
    PostureWatch fresh = started();
    const auto now = fresh.look(rules, witnessed, clock.now().value(), client);
    return now ? std::string(policy::to_text(now->posture)) : std::string(now.error().reason());
  }
  std::uint64_t entries() { return must(client.checkpoint()).size; }
};

}  // namespace

TEST_CASE("a gateway that nobody has switched is in its normal posture, told once a start",
          "[posture]") {
  Watchtower t;
  const std::uint64_t before = t.entries();
  CHECK(t.says() == "normal");
  CHECK(t.says() == "normal");
  CHECK(t.entries() == before + 1);
  CHECK(t.says_anew() == "normal");  // what the one before said last may be over
  CHECK(t.entries() == before + 2);
}

TEST_CASE("orders that nobody looked at meanwhile are told in their order", "[posture]") {
  Watchtower t;
  t.put(1, Posture::stop, {"li"});
  t.taken.insert_or_assign(1, *t.written);
  t.put(2, Posture::normal, {"li", "wang"});
  CHECK(t.says() == "normal");
  CHECK(must(t.client.holder("posture.1.stop")).has_value());
  CHECK(must(t.client.holder("posture.2.normal")).has_value());
  // Each with its own signatures, also one that was not looked at.
  Watchtower other;
  other.put(1, Posture::stop, {"li"});
  other.taken.insert_or_assign(1, *other.written);
  other.put(2, Posture::normal, {"li"});
  other.taken.insert_or_assign(2, *other.written);
  other.put(3, Posture::stop, {"li"});
  CHECK(other.says() == "posture-signatures-few");
}

TEST_CASE("one officer stops a gateway, and it takes two to let it go on", "[posture]") {
  Watchtower t;
  t.put(1, Posture::stop, {"li"});
  CHECK(t.says() == "stop");
  CHECK(must(t.client.holder("posture.1")).has_value());
  const std::uint64_t told = t.entries();
  CHECK(t.says() == "stop");
  CHECK(t.entries() == told);  // told once
  t.put(2, Posture::import_only, {"li"});
  CHECK(t.says() == "posture-signatures-few");
  t.put(2, Posture::import_only, {"li", "owner"});
  CHECK(t.says() == "import-only");
  t.put(3, Posture::stop, {"owner"});
  CHECK(t.says() == "stop");
  t.put(4, Posture::normal, {"li", "wang"});
  CHECK(t.says() == "normal");
  CHECK(t.says_anew() == "normal");
}

TEST_CASE("an older order, or none where there was one, stops everything until it is mended",
          "[posture]") {
  Watchtower t;
  t.put(1, Posture::stop, {"li"});
  CHECK(t.says() == "stop");
  t.put(2, Posture::normal, {"li", "wang"});
  CHECK(t.says() == "normal");
  t.put(3, Posture::stop, {"wang"});
  CHECK(t.says() == "stop");
  t.put(2, Posture::normal, {"li", "wang"});  // of before, every signature good
  CHECK(t.says() == "posture-superseded");
  CHECK(t.says_anew() == "posture-superseded");
  std::filesystem::remove(t.folder / "posture.json");
  CHECK(t.says() == "posture-superseded");
  t.put(3, Posture::import_only, {"li", "wang"});  // another order of the same number
  CHECK(t.says() == "posture-superseded");
  t.put(5, Posture::normal, {"li", "wang"});
  CHECK(t.says() == "posture-number");
  t.put(4, Posture::normal, {"li", "wang"}, "gw-other");
  CHECK(t.says() == "posture-other-gateway");
  std::ofstream(t.folder / "posture.json") << "normal";
  CHECK(t.says() == "json-syntax");
  t.written.reset();
  t.put(4, Posture::normal, {"li", "wang"});
  CHECK(t.says() == "normal");
}

TEST_CASE(
    "an alarm and a log without witnesses tighten at once, by the policy's word, and loosen "
    "when they are over",
    "[posture]") {
  Watchtower t;
  std::ofstream(t.folder / "alarm") << "chassis opened";
  CHECK(t.says() == "normal");  // the policy says nothing of alarms
  t.rules.alarm = Posture::stop;
  CHECK(t.says() == "stop");
  std::filesystem::remove(t.folder / "alarm");
  CHECK(t.says() == "normal");
  t.rules.unwitnessed_after = std::chrono::hours(1);
  t.rules.unwitnessed = Posture::import_only;
  CHECK(t.says() == "import-only");  // none has ever seen it
  const std::chrono::seconds now =
      std::chrono::floor<std::chrono::seconds>(t.clock.now().value().since_epoch());
  t.witnessed = {.demanded = true, .size = 7, .time = now - std::chrono::hours(1)};
  CHECK(t.says() == "normal");
  t.witnessed.time = now - std::chrono::hours(1) - std::chrono::seconds(1);
  CHECK(t.says() == "import-only");
  // The tightest of all causes holds.
  std::ofstream(t.folder / "alarm") << "chassis opened";
  t.put(1, Posture::import_only, {"li"});
  const PostureNow all = must(t.look());
  CHECK(all.posture == Posture::stop);
  CHECK((all.by_switch && all.by_alarm && all.unwitnessed));
}
