#pragma once
// What hangu-directory is made of: its configuration, its box and its run.

#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "os/sandbox.hpp"

namespace hangu::directory {

/// The box of hangu-directory: its own keys and the anchors (the CRL) to read, its own folder to
/// write, TCP to the server's port, decide's connections, its socket at audit.
[[nodiscard]] os::Profile directory_profile(const config::Layout& layout,
                                            const config::DirectoryPlan& plan);

/// Reads `--config FILE`, enters the sandbox, tells readiness, and follows the directory and
/// answers decide until SIGTERM. Errors: Malformed "usage", "directory-not-configured",
/// "listener-missing"; those of files, keys and the sandbox.
[[nodiscard]] Done run_directory(int argc, char** argv);

}  // namespace hangu::directory
