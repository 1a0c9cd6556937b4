#pragma once
// Named network namespaces, compatible with `ip netns`, and listeners inside them.
//
// A zone's programs run in the zone's namespace; the middle runs in empty ones. A namespace is
// named by a bind mount at /run/netns/NAME. All of this needs CAP_SYS_ADMIN (the supervisor).

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "os/descriptor.hpp"

namespace hangu::os {

/// A listening TCP socket and the port that it got.
struct TcpListener {
  UniqueFd socket;
  std::uint16_t port = 0;
};

/// Makes the namespace `name` ([a-z0-9][a-z0-9._-]{0,62}) with its loopback interface up.
/// Errors: Malformed "id-invalid", Forbidden "file-exists", Internal "network-namespace-failed".
[[nodiscard]] Done create_network_namespace(const std::string& name);
/// Removes the name; the namespace goes with its last process and socket. Missing is fine.
[[nodiscard]] Done remove_network_namespace(const std::string& name);
/// True when `name` is a namespace (not just a left-over file).
[[nodiscard]] bool network_namespace_exists(const std::string& name);
/// A descriptor for setns(). Errors: Malformed "id-invalid", Unavailable "file-missing",
/// Corrupt "network-namespace-invalid" when the name is no network namespace.
[[nodiscard]] Result<UniqueFd> open_network_namespace(const std::string& name);

/// Listens on TCP `address`:`port` (an IPv4 or IPv6 literal; port 0: the kernel picks) inside
/// `network_namespace`, or inside the caller's. Only who has the descriptor can accept; only who
/// is inside the namespace can connect. Needs no thread of the caller to move: a forked child
/// enters and hands the socket back.
/// Errors: Malformed "address-invalid", Unavailable "address-in-use", Internal "listen-failed".
[[nodiscard]] Result<TcpListener> listen_tcp(const std::optional<std::string>& network_namespace,
                                             const std::string& address, std::uint16_t port,
                                             int backlog = 128);

}  // namespace hangu::os
