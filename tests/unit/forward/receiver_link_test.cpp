// What a receiver can do to who sends to it: take too little.

#include "forward/receiver_link.hpp"

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "os/clock.hpp"
#include "tests/unit/net/loopback.hpp"

namespace hangu::forward::test {
namespace {

using net::test::Pki;
using std::chrono::milliseconds;

constexpr milliseconds kGivenUp{20'000};

/// A receiver that shakes hands and then takes 16 bytes of TLS every 20 ms, from a small buffer.
class TricklingReceiver {
 public:
  TricklingReceiver() {
    auto listener = net::listen_tcp("127.0.0.1", 0);
    REQUIRE(listener);
    listener_ = *std::move(listener);
    constexpr int kSmall = 2048;
    REQUIRE(::setsockopt(listener_.get(), SOL_SOCKET, SO_RCVBUF, &kSmall, sizeof kSmall) == 0);
    const auto port = net::local_port(listener_.view());
    REQUIRE(port);
    port_ = *port;
    thread_ = std::thread([this] { serve(); });
  }
  TricklingReceiver(const TricklingReceiver&) = delete;
  TricklingReceiver& operator=(const TricklingReceiver&) = delete;
  ~TricklingReceiver() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  void serve() {
    const milliseconds until = os::monotonic_now() + kGivenUp;
    (void)net::wait_socket(listener_.view(), false, kGivenUp);
    const os::UniqueFd peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!net::prepare_socket(peer.view())) return;
    const auto context = net::TlsContext::for_server(Pki::shared().credentials("server"));
    auto session = context ? net::TlsSession::accept(*context, peer.view())
                           : Result<net::TlsSession>(std::unexpected(context.error()));
    if (!session) return;
    while (!stop_ && session->handshake().state != net::TlsState::done &&
           os::monotonic_now() < until)
      os::pause_for(milliseconds{1});
    std::array<std::byte, 16> few{};
    while (!stop_ && os::monotonic_now() < until) {
      const net::TlsStep step = session->read(few);
      if (step.state == net::TlsState::done) taken_ += step.bytes;
      os::pause_for(milliseconds{20});
    }
  }

  os::UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> taken_ = 0;
  std::thread thread_;
};

}  // namespace

TEST_CASE("a receiver that trickles holds a send up no longer than its time", "[forward]") {
  TricklingReceiver receiver;
  const auto context = net::TlsContext::for_syslog(Pki::shared().credentials("alice"));
  REQUIRE(context);
  auto link = ReceiverLink::connect({"127.0.0.1", receiver.port(), "localhost"}, *context);
  REQUIRE(link);
  constexpr milliseconds kTime{700};
  const Bytes much(std::size_t{32} << 20, std::byte{'x'});  // more than all buffers hold
  const milliseconds start = os::monotonic_now();
  const Done sent = link->send(much, kTime);
  const milliseconds took = os::monotonic_now() - start;
  REQUIRE_FALSE(sent);
  CHECK(sent.error().reason() == "network-timeout");
  CHECK(took >= kTime);
  CHECK(took < kTime + milliseconds{5000});  // a busy machine
}

TEST_CASE("what a receiver takes in time is sent whole", "[forward]") {
  TricklingReceiver receiver;
  const auto context = net::TlsContext::for_syslog(Pki::shared().credentials("alice"));
  REQUIRE(context);
  auto link = ReceiverLink::connect({"127.0.0.1", receiver.port(), "localhost"}, *context);
  REQUIRE(link);
  CHECK(link->send(Bytes(200, std::byte{'x'}), milliseconds{5000}));
  const milliseconds until = os::monotonic_now() + kGivenUp;
  while (receiver.taken() < 200 && os::monotonic_now() < until) os::pause_for(milliseconds{10});
  CHECK(receiver.taken() == 200);
}

}  // namespace hangu::forward::test
