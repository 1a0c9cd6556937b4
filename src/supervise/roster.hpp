#pragma once
// Roster: the programs of one gateway, who serves whom, and under which uid each runs. The same
// table makes the folders, the sockets and the processes.

#include <optional>
#include <string>
#include <vector>

#include "config/gateway.hpp"

namespace hangu::supervise {

/// A local socket: `server` listens, only `client` may connect.
struct LocalSocket {
  std::string server;  ///< "custodian"
  std::string client;  ///< "verify", "receive.egov"
  /// The name under which the server finds it: "custodian.verify".
  [[nodiscard]] std::string listener_name() const { return server + "." + client; }
};

struct Member {
  std::string name;                 ///< instance: "verify", "receive.egov"
  std::string binary;               ///< "hangu-verify"
  std::optional<ZoneId> zone;       ///< zone halves; everyone else has no network at all …
  std::uint32_t place = 0;          ///< uid = uid_base + place
  bool reads_log = false;           ///< is in the group that may read the published log
  std::optional<ZoneId> network{};  ///< … but the feeder, which joins this zone's
};

/// The name under which uid_of() knows the group that may read the published log: no program, the
/// forwarder is in it.
inline constexpr std::string_view kLogReaders = "log-readers";

/// All programs in the order in which they start: servers before their clients.
[[nodiscard]] std::vector<Member> roster(const config::Gateway& gateway);
[[nodiscard]] std::vector<LocalSocket> local_sockets(const config::Gateway& gateway);
/// The uid of a member; nothing when programs run as the caller.
[[nodiscard]] std::optional<std::uint32_t> uid_of(const config::Gateway& gateway,
                                                  const std::string& member);

}  // namespace hangu::supervise
