#pragma once
// Landlock by its three system calls. The kernel's newest rights are used as far as it has them.

#include <vector>

#include "base/result.hpp"
#include "os/sandbox.hpp"

namespace hangu::os {

/// The kernel's Landlock version; 0 when it has none or it is switched off.
[[nodiscard]] int landlock_abi();

/// Closes every path but `paths`; from version 4 on also TCP bind, and connect to other ports than
/// `tcp_ports`; from 6 on abstract UNIX sockets and signals to processes outside. Returns the
/// version used (0: nothing closed). Needs no_new_privs. Errors: Internal "sandbox-failed", also
/// when a path is missing.
[[nodiscard]] Result<int> restrict_paths(const std::vector<PathRule>& paths,
                                         const std::vector<std::uint16_t>& tcp_ports = {});

}  // namespace hangu::os
