#pragma once
// Leaf hashes of the chunk tree, several chunks at once in the lanes of the processor.

#include <span>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace hangu::crypto::simd {

/// How many chunks of whole length are best given at once: 1 where there are no lanes.
[[nodiscard]] std::size_t leaf_lanes(HashAlgorithm algorithm);

/// Writes leaves[i] = H(0x00 ‖ chunks[i]); all chunks are of one length. Any processor: lanes where
/// there are some.
void leaf_hashes(HashAlgorithm algorithm, std::span<const ByteView> chunks, std::span<Hash> leaves);

}  // namespace hangu::crypto::simd
