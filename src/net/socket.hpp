#pragma once
// TCP sockets: for the client, and for the one who binds listeners and passes them to a Server.

#include <chrono>
#include <string>

#include "os/descriptor.hpp"

namespace hangu::net {

inline constexpr int kListenBacklog = 128;

/// Binds and listens on an address (not a name; "0.0.0.0", "::1") and port (0: any free one).
/// Errors: Malformed "network-address"; Unavailable "network-address-in-use"; Internal
/// "socket-failed".
[[nodiscard]] Result<os::UniqueFd> listen_tcp(const std::string& address, std::uint16_t port);
/// The port a socket is bound to.
[[nodiscard]] Result<std::uint16_t> local_port(os::FdView socket);
/// Connects to a name or address within `timeout` for each address of it (the resolver's own time
/// not counted). The socket is non-blocking, with TCP_NODELAY.
/// Errors: Unavailable "network-unresolved", "network-unreachable", "network-timeout".
[[nodiscard]] Result<os::UniqueFd> connect_tcp(const std::string& host, std::uint16_t port,
                                               std::chrono::milliseconds timeout);
/// Waits for a socket to be readable or writable; false after `timeout`.
[[nodiscard]] Result<bool> wait_socket(os::FdView socket, bool for_write,
                                       std::chrono::milliseconds timeout);
/// O_NONBLOCK and TCP_NODELAY. Errors: Internal "socket-failed".
[[nodiscard]] Done prepare_socket(os::FdView socket);
/// The peer of a connected socket as text without port; "local" when it is no IP socket.
/// An IPv4 address mapped into IPv6 reads as IPv4.
[[nodiscard]] std::string peer_address(os::FdView socket);
/// What connection limits count by: the IPv4 address, or the /64 network of an IPv6 address.
[[nodiscard]] std::string address_group(const std::string& address);

}  // namespace hangu::net
