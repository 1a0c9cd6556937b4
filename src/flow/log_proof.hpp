#pragma once
// The mover's own view of the audit log: checkpoints and inclusion proofs, checked by code that
// shares nothing with the log's writer (own Merkle verifier, second signature implementation).
// Sources: C2SP signed-note and tlog-checkpoint; RFC 9162 §2.1.3.2.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "crypto/signature.hpp"

namespace hangu::flow {

/// The log whose checkpoints count: its origin line and its Ed25519 key.
struct LogIdentity {
  std::string origin;
  crypto::VerifyKey key;
};

struct CheckpointHead {
  std::uint64_t size = 0;
  crypto::Hash root{};
};

/// Checks a signed checkpoint of `log` and returns its head. Extension lines are refused.
/// Errors: Forbidden "checkpoint-malformed", "checkpoint-origin", "checkpoint-unsigned".
[[nodiscard]] Result<CheckpointHead> check_checkpoint(std::string_view note,
                                                      const LogIdentity& log);

/// Checks that `entry` is leaf `index` of the tree with `head`.
/// Errors: Forbidden "proof-invalid".
[[nodiscard]] Done check_inclusion(const CheckpointHead& head, std::uint64_t index, ByteView entry,
                                   std::span<const crypto::Hash> path);

}  // namespace hangu::flow
