#pragma once
// Every bound of witnessing, named once. docs/protocols/audit-witness.md.

#include <chrono>
#include <cstddef>

#include "audit/limits.hpp"

namespace hangu::audit {

/// Cosignatures that are put under one checkpoint: with the log's own three lines a reader that
/// takes kNoteSignaturesMax takes them all.
inline constexpr std::size_t kCosignaturesMax = kNoteSignaturesMax - 4;

// Policies.
inline constexpr std::size_t kWitnessPolicyBytesMax = 64 * 1024;
inline constexpr std::size_t kPolicyLogsMax = 32;
/// Of all of them the lines fit under one checkpoint.
inline constexpr std::size_t kPolicyWitnessesMax = kCosignaturesMax;
inline constexpr std::size_t kPolicyGroupsMax = 32;
inline constexpr std::size_t kPolicyNameBytesMax = 255;
inline constexpr std::size_t kPolicyUrlBytesMax = 1024;
inline constexpr std::size_t kVkeyFileBytesMax = 4096;
inline constexpr std::size_t kFormerKeysMax = 256;  ///< from which a log has rolled over

// add-checkpoint.
inline constexpr std::size_t kOldLineBytesMax = 4 + 20 + 1;  ///< "old ", 64 bits, newline
inline constexpr std::size_t kHashLineBytes = 44 + 1;
inline constexpr std::size_t kAddCheckpointBytesMax =
    kOldLineBytesMax + kProofHashesMax * kHashLineBytes + 1 + kNoteBytesMax;
/// What a witness answers: lines of signatures, a size, or a sentence.
inline constexpr std::size_t kWitnessAnswerBytesMax = kNoteBytesMax;

// Time.
/// A cosignature from further ahead does not count: its witness's clock is wrong.
inline constexpr std::chrono::seconds kCosignatureAheadMax{300};
inline constexpr std::chrono::seconds kUnwitnessedWarning{60};
inline constexpr std::chrono::seconds kUnwitnessedAlarm{600};

// A witness's state.
inline constexpr std::size_t kOriginsMax = 1024;
/// Of one origin, old ones too: a line of each and the witness's own are a note.
inline constexpr std::size_t kLogKeysMax = kCosignaturesMax;
/// Earlier versions kept every line that came, and their own.
inline constexpr std::size_t kWitnessStateBytesMax = 2 * kNoteBytesMax;
/// How long one request waits for another process that has the same state.
inline constexpr std::chrono::milliseconds kStateLockPatience{5000};

}  // namespace hangu::audit
