#pragma once
// What hangu-forward is made of: its configuration, its box and its run.

#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "os/sandbox.hpp"

namespace hangu::forward {

/// The box of hangu-forward: the log to read, its own folder to write, TCP to the receiver's port.
/// Keys and the log's key are read before it is entered.
[[nodiscard]] os::Profile forward_profile(const config::Layout& layout,
                                          const config::Forwarding& forwarding);

/// Reads `--config FILE`, enters the sandbox, tells readiness, and forwards until SIGTERM.
/// Errors: Malformed "usage", "forward-not-configured"; those of Forwarder::run and of files.
[[nodiscard]] Done run_forward(int argc, char** argv);

}  // namespace hangu::forward
