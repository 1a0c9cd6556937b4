// Approve's desk for people: who keeps a place and who gets one.

#include "stages/approve/review_service.hpp"

#include <thread>

#include <catch2/catch.hpp>

#include "line/review_protocol.hpp"
#include "os/process.hpp"
#include "tests/support/audit_service.hpp"
#include "tests/support/custodian_double.hpp"
#include "tests/support/must.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using std::chrono::milliseconds;
using test::must;

struct Desk {
  explicit Desk(stages::ReviewLimits limits)
      : listener(must(os::Listener::bind(folder / "people.sock"))),
        thread([this, limits](const std::stop_token& stop) {
          stages::serve_reviews(listener, {folder / "custodian.sock", audit.socket("approve")},
                                clock, stop, limits);
        }) {}

  os::Channel connect() const { return must(os::Channel::connect(folder / "people.sock")); }
  line::ReviewClient client() const {
    return must(line::ReviewClient::connect(folder / "people.sock"));
  }
  /// Whether the desk answers; its custodian has no transfer of that name.
  static bool answers(line::ReviewClient& client) {
    const auto shown = client.show(TransferId::create(std::string(32, 'a')).value());
    return !shown && shown.error().reason() == "review-refused";
  }
  static bool closed(os::Channel& channel, milliseconds time) {
    const auto message = channel.receive(time);
    return !message && message.error().reason() == "peer-gone";
  }

  os::test::ScratchFolder folder;
  ManualClock clock{WallTime(milliseconds(1'760'000'001'000))};
  test::CustodianDouble custodian{folder / "custodian.sock"};
  crypto::SystemEntropy entropy;
  test::AuditService audit{
      folder / "audit",
      "gw/audit",
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy)),
      clock,
      {"approve"}};
  os::Listener listener;
  std::jthread thread;
};

constexpr milliseconds kSoon = std::chrono::seconds(5);

}  // namespace

TEST_CASE("connections that ask nothing keep nobody out", "[approve]") {
  Desk desk({.connections_max = 4, .idle_max = std::chrono::minutes(10)});
  line::ReviewClient asking = desk.client();
  REQUIRE(Desk::answers(asking));
  std::vector<os::Channel> idle;
  for (int i = 0; i < 40; ++i) idle.push_back(desk.connect());
  line::ReviewClient late = desk.client();
  CHECK(Desk::answers(late));
  CHECK(Desk::closed(idle.front(), kSoon));  // it was silent longest
  CHECK_FALSE(Desk::closed(idle.back(), milliseconds(50)));
  CHECK(Desk::answers(late));
  CHECK(Desk::answers(asking));  // lost its place meanwhile, and got another
}

TEST_CASE("a connection that asks nothing for long is closed, and its program goes on",
          "[approve]") {
  Desk desk({.connections_max = 4, .idle_max = milliseconds(100)});
  line::ReviewClient client = desk.client();
  CHECK(Desk::answers(client));
  os::Channel idle = desk.connect();
  CHECK(Desk::closed(idle, kSoon));
  CHECK(Desk::answers(client));
}
