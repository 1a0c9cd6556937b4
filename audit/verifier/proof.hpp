#pragma once
// The check of one entry's receipt, `.tlog-proof` (C2SP tlog-proof), without its log.

#include <optional>
#include <string>

#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// `proof` and `entry` are what the files hold; with `index` the proof must be of that entry.
/// Findings: cannot_tell for a proof that is none or a key that is not given, tampered for one that
/// does not hold, unwitnessed by the policy.
[[nodiscard]] Report check_proof(const Request& request, std::string_view proof,
                                 std::string_view entry, std::optional<std::uint64_t> index);

}  // namespace hangu_verify
