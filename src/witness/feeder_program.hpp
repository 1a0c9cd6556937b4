#pragma once
// The feeder as a program: what it opens before it locks itself in, and its box.

#include <cstdint>
#include <string>
#include <vector>

#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "os/sandbox.hpp"

namespace hangu::witness {

/// The box of hangu-feeder: the published log to read, its socket at audit, TCP to the
/// witnesses' ports. It has no key.
[[nodiscard]] os::Profile feeder_profile(const config::Layout& layout,
                                         std::vector<std::uint16_t> witness_ports);

/// Reads the gateway's configuration, enters the sandbox, tells readiness and feeds until SIGTERM.
/// Errors: of configuration, policy and files; Malformed "witness-absent" (no [witness] table),
/// "witness-url-invalid"; of the sandbox.
[[nodiscard]] Done run_feeder(const std::string& config_file);

}  // namespace hangu::witness
