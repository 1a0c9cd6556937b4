#pragma once
// Returned checkpoints: cosigned by a witness without a network, and carried back to their log.
// docs/protocols/audit-witness.md §6.

#include <string>
#include <string_view>
#include <vector>

#include "audit/folder.hpp"
#include "audit/merkle.hpp"
#include "audit/witness/policy.hpp"
#include "base/time.hpp"

namespace hangu::witness {

/// Copies of cosigned checkpoints that one log keeps.
inline constexpr std::size_t kReturnedMax = 4096;

struct Returned {
  audit::TreeHead head;
  std::vector<std::string> witnesses;  ///< of the policy, whose good lines it has; printable
  bool quorum = false;                 ///< they are enough by the policy
  std::string copy;                    ///< "witness/<size>", below the log's folder
};

/// Checks a note as audit checks what the feeder hands over: the log's line, the lines of the
/// policy's witnesses (at least one), and that the head is one of the published log. Then keeps it
/// as witness/<size>, durably: the log's line and the witnesses', beside those that stand there.
/// That is where verifiers look. Errors: those of audit::read_cosigned; Forbidden "quorum-missing"
/// (no line of the policy's witnesses); Corrupt "cosigned-ahead" (more than is published),
/// "cosigned-other-tree"; those of published tiles; Exhausted "audit-folder-too-full"
/// (kReturnedMax); Unavailable "file-missing" (no folder for them: the gateway has not been started
/// with its witness policy).
[[nodiscard]] Result<Returned> keep_returned(const audit::Folder& log_folder,
                                             const audit::NoteKey& log,
                                             const audit::WitnessPolicy& policy,
                                             std::string_view note, WallTime now);

}  // namespace hangu::witness
