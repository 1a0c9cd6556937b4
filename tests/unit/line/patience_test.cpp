// How long a lost custodian is looked for.

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "line/custodian_client.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "tests/support/packet_server.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using std::chrono::milliseconds;

/// Longer than any test runs: only the end can be what ended it.
constexpr std::chrono::hours kForEver{1};

}  // namespace

TEST_CASE("a custodian that never comes is looked for as long as is said", "[line]") {
  const os::test::ScratchFolder folder;
  const std::atomic<bool> ending = false;
  const auto made = line::CustodianClient::connect(
      folder / "custodian.sock", {.reconnect = milliseconds(30), .ending = &ending});
  CHECK(made.error().reason() == "peer-absent");
}

TEST_CASE("who is about to end looks for no custodian", "[line]") {
  const os::test::ScratchFolder folder;
  const std::atomic<bool> ending = true;
  const auto made = line::CustodianClient::connect(folder / "custodian.sock",
                                                   {.reconnect = kForEver, .ending = &ending});
  CHECK(made.error().reason() == "peer-absent");
}

TEST_CASE("who is told to end while a custodian is looked for gives up", "[line]") {
  const os::test::ScratchFolder folder;
  std::atomic<bool> ending = false;
  const std::jthread soon([&ending] {
    os::pause_for(milliseconds(50));
    ending = true;
  });
  const auto claimed = [&] {
    // One answer is cut off, and then nobody is there any more.
    auto server = std::make_unique<test::PacketServer>(
        folder / "custodian.sock",
        [](const os::Message&) -> std::optional<test::Frame> { return test::Frame{}; });
    auto client = line::CustodianClient::connect(folder / "custodian.sock",
                                                 {.reconnect = kForEver, .ending = &ending});
    REQUIRE(client);
    server.reset();
    return client->claim(std::array{flow::Stage::verify}, milliseconds(1));
  }();
  REQUIRE_FALSE(claimed);
  CHECK(claimed.error().code() == ErrorCode::unavailable);
}
