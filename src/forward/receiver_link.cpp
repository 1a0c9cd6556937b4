#include "forward/receiver_link.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "forward/limits.hpp"
#include "net/socket.hpp"
#include "os/clock.hpp"

namespace hangu::forward {
namespace {

constexpr std::size_t kDroppedBytes = 4096;
constexpr int kEstablished = 1;  ///< TCP_ESTABLISHED; the C library's header lacks other members

std::unexpected<Error> too_slow() {
  return fail(ErrorCode::unavailable, "network-timeout",
              "the receiver takes nothing, or too little");
}

std::unexpected<Error> closed() {
  return fail(ErrorCode::unavailable, "network-cut", "the receiver closed the connection");
}

}  // namespace

std::string octet_counted(std::string_view message) {
  return std::to_string(message.size()).append(" ").append(message);
}

Done ReceiverLink::wait(net::TlsState state, milliseconds deadline) const {
  const bool for_write = state == net::TlsState::want_write;
  HANGU_TRY(const bool ready,
            net::wait_socket(socket_.view(), for_write, deadline - os::monotonic_now()));
  if (!ready && os::monotonic_now() >= deadline) return too_slow();
  return {};
}

Result<ReceiverLink> ReceiverLink::connect(const ReceiverAddress& to, const net::TlsContext& tls) {
  HANGU_TRY(os::UniqueFd socket, net::connect_tcp(to.address, to.port, kConnectTime));
  HANGU_TRY(net::TlsSession session, net::TlsSession::connect(tls, socket.view(), to.server_name));
  ReceiverLink link(std::move(socket), std::move(session));
  const milliseconds deadline = os::monotonic_now() + kConnectTime;
  for (;;) {  // ends by the deadline
    const net::TlsStep step = link.tls_.handshake();
    if (step.state == net::TlsState::done) return link;
    if (step.state == net::TlsState::closed) return closed();
    if (step.state == net::TlsState::failed) return std::unexpected(link.tls_.failure());
    HANGU_CHECK(link.wait(step.state, deadline));
  }
}

Done ReceiverLink::send(ByteView bytes, milliseconds time) {
  const milliseconds deadline = os::monotonic_now() + time;
  while (!bytes.empty()) {  // ends by the deadline
    const net::TlsStep step = tls_.write(bytes);
    if (step.state == net::TlsState::done) {
      bytes = bytes.subspan(step.bytes);
      if (!bytes.empty() && os::monotonic_now() >= deadline) return too_slow();
      continue;
    }
    if (step.state == net::TlsState::closed) return closed();
    if (step.state == net::TlsState::failed) return std::unexpected(tls_.failure());
    HANGU_CHECK(wait(step.state, deadline));
  }
  return {};
}

Result<bool> ReceiverLink::all_taken() const {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(socket_.get(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
    return fail(ErrorCode::internal, "socket-failed", "TCP_INFO", errno);
  if (info.tcpi_state != kEstablished) return closed();
  return info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0;
}

Done ReceiverLink::look() {
  std::array<std::byte, kDroppedBytes> dropped{};
  constexpr int kReadsMax = 16;
  for (int i = 0; i < kReadsMax; ++i) {
    const net::TlsStep step = tls_.read(dropped);
    if (step.state == net::TlsState::want_read || step.state == net::TlsState::want_write)
      return {};
    if (step.state == net::TlsState::closed) return closed();
    if (step.state == net::TlsState::failed) return std::unexpected(tls_.failure());
  }
  return fail(ErrorCode::forbidden, "forward-receiver-talks",
              "more than is dropped between two looks; RFC 5425 has no answers");
}

bool ReceiverLink::close_politely() {
  tls_.close();
  std::array<std::byte, kDroppedBytes> dropped{};
  const milliseconds deadline = os::monotonic_now() + kGoodbyeTime;
  while (os::monotonic_now() < deadline) {
    const net::TlsStep step = tls_.read(dropped);
    if (step.state == net::TlsState::closed) return true;
    if (step.state == net::TlsState::failed) return false;
    if (step.state != net::TlsState::done && !wait(step.state, deadline)) return false;
  }
  return false;
}

}  // namespace hangu::forward
