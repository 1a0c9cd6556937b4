#pragma once
// A checkpoint with the cosignatures under it, read by a policy: who cosigned, and as of when the
// quorum holds.

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/witness/policy.hpp"
#include "base/time.hpp"

namespace hangu::audit {

/// One witness's newest good cosignature.
struct Cosignature {
  std::size_t witness = 0;  ///< of the policy's witnesses()
  std::chrono::seconds time{0};
  bool operator==(const Cosignature&) const = default;
};

struct CosignedCheckpoint {
  Checkpoint checkpoint;
  std::vector<Cosignature> cosignatures;  ///< in the policy's order; one of a witness at most
  std::vector<NoteSignature> lines;       ///< the line of each of them
  /// Whether the policy is satisfied, also by `quorum none`.
  bool quorum = false;
  /// The latest time at or after which a quorum's cosignatures were all given; none without a
  /// quorum, nor under `quorum none`.
  std::optional<std::chrono::seconds> quorum_time;
};

/// Reads a note that one of `log_keys` (whose name is the origin) signed. Lines of unknown signers
/// are skipped; a bad line of the log or of a witness that the policy knows sinks the note. Of two
/// good lines of a witness the newer counts; one from more than kCosignatureAheadMax after `now`
/// does not.
/// Errors: those of open_note and Checkpoint::parse; Forbidden "checkpoint-origin",
/// "cosignature-invalid".
[[nodiscard]] Result<CosignedCheckpoint> read_cosigned(std::string_view note,
                                                       std::span<const NoteKey> log_keys,
                                                       const WitnessPolicy& policy, WallTime now);

}  // namespace hangu::audit
