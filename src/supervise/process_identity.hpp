#pragma once
// Process identity: which process a number meant. Numbers are given anew; a process's start in one
// boot is not.

#include <sys/types.h>

#include <string>

#include "base/result.hpp"

namespace hangu::supervise {

/// "<boot id>:<start, in ticks since the boot>" of the process that has `pid` now; empty when there
/// is none. Its end is not yet an end of its number: one that nobody has waited for has it too.
[[nodiscard]] std::string process_identity(pid_t pid);

/// Sends SIGTERM to the process that `pid` meant, and to no other that has the number now. Whether
/// it was there to be told.
/// Errors: Forbidden "gateway-of-another-user" (this user may not), Internal "supervisor-failed".
[[nodiscard]] Result<bool> terminate(pid_t pid, const std::string& identity);

}  // namespace hangu::supervise
