#pragma once
// The check of one entry's receipt, `.tlog-proof` (C2SP tlog-proof), and whether its checkpoint is
// of the log that others see.

#include <optional>
#include <string>

#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// `proof` and `entry` are what the files hold; with `index` the proof must be of that entry. `log`
/// is a folder whose log has to begin with what the checkpoint signs; without it a pin of the same
/// size or the policy's quorum has to say so.
/// Findings: cannot_tell for a proof that is none, a key that is not given or when nothing says
/// whose the checkpoint is, tampered for one that does not hold, unwitnessed by the policy.
[[nodiscard]] Report check_proof(const Request& request, std::string_view proof,
                                 std::string_view entry, std::optional<std::uint64_t> index,
                                 const std::string& log = {});

}  // namespace hangu_verify
