#pragma once
// One at a time: who runs a gateway, or replaces its keys, holds its folder.

#include "config/layout.hpp"
#include "os/descriptor.hpp"

namespace hangu::supervise {

/// Held for as long as the descriptor lives, in child processes of this program too. The folder
/// must be there. Errors: Malformed "gateway-running" (another holds it); those of files.
[[nodiscard]] Result<os::UniqueFd> lock_gateway(const config::Layout& layout);

}  // namespace hangu::supervise
