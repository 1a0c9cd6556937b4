#include "net/socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <memory>

#include "base/bytes.hpp"
#include "base/text.hpp"

namespace hangu::net {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> resolve(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int outcome = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (outcome != 0) {
    return fail(ErrorCode::unavailable, "network-unresolved",
                printable(host) + ": " + ::gai_strerror(outcome));
  }
  return Addresses(list);
}

std::unexpected<Error> socket_failed(std::string what) {
  return fail(ErrorCode::internal, "socket-failed", std::move(what), errno);
}

Result<os::UniqueFd> connect_one(const addrinfo& to, std::chrono::milliseconds timeout) {
  os::UniqueFd socket(::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return socket_failed("socket");
  if (::connect(socket.get(), to.ai_addr, to.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) {
      return fail(ErrorCode::unavailable, "network-unreachable", {}, errno);
    }
    HANGU_TRY(const bool ready, wait_socket(socket.view(), true, timeout));
    if (!ready) return fail(ErrorCode::unavailable, "network-timeout", "connecting");
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) != 0) {
      return socket_failed("getsockopt");
    }
    if (error != 0) return fail(ErrorCode::unavailable, "network-unreachable", {}, error);
  }
  HANGU_CHECK(prepare_socket(socket.view()));
  return socket;
}

}  // namespace

Result<bool> wait_socket(os::FdView socket, bool for_write, std::chrono::milliseconds timeout) {
  pollfd entry{socket.get(), static_cast<short>(for_write ? POLLOUT : POLLIN), 0};
  const auto limit = std::clamp<std::int64_t>(timeout.count(), 0, INT_MAX);
  const int ready = ::poll(&entry, 1, static_cast<int>(limit));
  if (ready < 0 && errno != EINTR) return socket_failed("poll");
  return ready > 0;
}

Done prepare_socket(os::FdView socket) {
  const int flags = ::fcntl(socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return socket_failed("fcntl");
  }
  const int on = 1;  // harmless failure on sockets other than TCP
  (void)::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return {};
}

Result<os::UniqueFd> listen_tcp(const std::string& address, std::uint16_t port) {
  auto resolved = resolve(address, port, AI_NUMERICHOST | AI_PASSIVE);
  if (!resolved) return fail(ErrorCode::malformed, "network-address", printable(address));
  const addrinfo& first = **resolved;
  os::UniqueFd socket(::socket(first.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return socket_failed("socket");
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) {
    return socket_failed("setsockopt");
  }
  if (::bind(socket.get(), first.ai_addr, first.ai_addrlen) != 0) {
    if (errno == EADDRINUSE) {
      return fail(ErrorCode::unavailable, "network-address-in-use", printable(address), errno);
    }
    return socket_failed("bind");
  }
  if (::listen(socket.get(), kListenBacklog) != 0) return socket_failed("listen");
  return socket;
}

namespace {

// One socket address in the kernel's storage form.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_storage);
  // The socket API's own cast between its address types (POSIX sys/socket.h).
  sockaddr* generic() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] sockaddr_in v4() const {
    sockaddr_in address{};
    std::memcpy(&address, &storage, sizeof address);
    return address;
  }
  [[nodiscard]] sockaddr_in6 v6() const {
    sockaddr_in6 address{};
    std::memcpy(&address, &storage, sizeof address);
    return address;
  }
};

}  // namespace

Result<std::uint16_t> local_port(os::FdView socket) {
  SocketAddress address;
  if (::getsockname(socket.get(), address.generic(), &address.length) != 0) {
    return socket_failed("getsockname");
  }
  if (address.storage.ss_family == AF_INET) return ntohs(address.v4().sin_port);
  if (address.storage.ss_family == AF_INET6) return ntohs(address.v6().sin6_port);
  return fail(ErrorCode::malformed, "network-address", "no IP socket");
}

std::string peer_address(os::FdView socket) {
  SocketAddress address;
  if (::getpeername(socket.get(), address.generic(), &address.length) != 0) return "local";
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.storage.ss_family == AF_INET) {
    const in_addr v4 = address.v4().sin_addr;
    ::inet_ntop(AF_INET, &v4, text.data(), text.size());
  } else if (address.storage.ss_family == AF_INET6) {
    const in6_addr v6 = address.v6().sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
      ::inet_ntop(AF_INET, &v6.s6_addr[12], text.data(), text.size());
    } else {
      ::inet_ntop(AF_INET6, &v6, text.data(), text.size());
    }
  } else {
    return "local";
  }
  return text.data();
}

std::string address_group(const std::string& address) {
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return address;
  return to_hex(std::as_bytes(std::span(v6.s6_addr).first(8))) + "/64";
}

Result<os::UniqueFd> connect_tcp(const std::string& host, std::uint16_t port,
                                 std::chrono::milliseconds timeout) {
  HANGU_TRY(const auto addresses, resolve(host, port, 0));
  Error last(ErrorCode::unavailable, "network-unreachable", printable(host));
  for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
    auto socket = connect_one(*at, timeout);
    if (socket) return socket;
    last = socket.error().within(printable(host) + ":" + std::to_string(port));
  }
  return std::unexpected(std::move(last));
}

}  // namespace hangu::net
