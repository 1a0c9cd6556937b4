#pragma once
// The system calls of a sandbox profile as filter rules: the base set, what a profile adds, what
// no profile may have, and the argument limits that hold wherever a call is listed.

#include <span>
#include <string_view>
#include <vector>

#include "os/filter.hpp"
#include "os/sandbox.hpp"

namespace hangu::os {

/// A calls' group that a flag of the profile switches on, with the flag's name.
struct CallGroup {
  std::string_view flag;
  std::span<const AllowedCall> calls;
};

/// The groups that `profile` has switched on.
[[nodiscard]] std::vector<CallGroup> groups_of(const Profile& profile);

/// Calls that no profile may have, not even as an extra call.
[[nodiscard]] std::span<const std::string_view> never_calls();

/// The limits on a call's arguments in words, or empty.
[[nodiscard]] std::string_view limit_text(std::string_view call);

/// What a call that is not allowed answers under `profile`.
[[nodiscard]] Answer denied_by(const Profile& profile);

/// The whole table, refusals first. Errors: Internal "sandbox-failed" (an extra call that is
/// never allowed).
[[nodiscard]] Result<std::vector<CallRule>> rules_of(const Profile& profile);

}  // namespace hangu::os
