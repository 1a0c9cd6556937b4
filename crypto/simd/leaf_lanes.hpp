#pragma once
// Leaf hashes of the chunk tree, several chunks at once in the lanes of the processor.

#include <span>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace hangu::crypto::simd {

/// Writes leaves[i] = H(0x00 ‖ chunk i) where chunk i is the `chunk_bytes` long piece of `chunks`;
/// chunks.size() == leaves.size() * chunk_bytes. Any processor: lanes where there are some.
void leaf_hashes(HashAlgorithm algorithm, ByteView chunks, std::size_t chunk_bytes,
                 std::span<Hash> leaves);

}  // namespace hangu::crypto::simd
