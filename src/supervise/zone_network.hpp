#pragma once
// Zone networks: one network namespace a zone for receive and deliver, and one beside it that
// stands for the zone's network, joined by a veth pair. Nothing else enters a zone's namespace.

#include "config/gateway.hpp"

namespace hangu::supervise {

/// The namespace that stands for the zone's own network: a client of that zone runs in it.
[[nodiscard]] std::string client_namespace(const config::Zone& zone);

/// Makes the namespaces and addresses of all zones that name one; what exists from before is made
/// anew. Needs root and iproute2. Errors: Internal "network-failed".
[[nodiscard]] Done make_zone_networks(const config::Gateway& gateway);
/// Removes them; missing ones are fine.
[[nodiscard]] Done remove_zone_networks(const config::Gateway& gateway);

/// True when this process may make namespaces: root, and the kernel lets it.
[[nodiscard]] bool can_make_namespaces();

}  // namespace hangu::supervise
