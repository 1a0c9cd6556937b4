#pragma once
// Sequence: a sender's numbers. Each statement carries one more than the one before and that one's
// digest, so that gaps and replays show; the last pair is kept in the identity folder.

#include <functional>
#include <optional>
#include <string>

#include "crypto/chunk_tree.hpp"
#include "flow/envelope.hpp"

namespace hangu::cli {

/// The number to use and the digest of the statement before.
struct SequenceTurn {
  std::uint64_t number = 1;
  std::optional<crypto::ObjectDigest> previous;
};

/// Takes the next turn of `folder` under its lock: `sign` makes the signed statement for it, and
/// sequence.json is written durably before this returns. So a number is never used for two
/// statements, whatever dies when; a number whose package was never finished leaves a gap.
/// `algorithm` hashes the statement. Errors: Corrupt "sequence-invalid"; those of `sign`.
[[nodiscard]] Result<flow::Envelope> take_turn(
    const std::string& folder, crypto::HashAlgorithm algorithm,
    const std::function<Result<flow::Envelope>(const SequenceTurn&)>& sign);

}  // namespace hangu::cli
