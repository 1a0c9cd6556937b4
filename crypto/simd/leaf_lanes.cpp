#include "crypto/simd/leaf_lanes.hpp"

#include "crypto/chunk_tree.hpp"

namespace hangu::crypto::simd {

void leaf_hashes(HashAlgorithm algorithm, ByteView chunks, std::size_t chunk_bytes,
                 std::span<Hash> leaves) {
  HANGU_ASSERT(chunks.size() == leaves.size() * chunk_bytes);
  for (std::size_t i = 0; i < leaves.size(); ++i)
    leaves[i] = leaf_hash(algorithm, chunks.subspan(i * chunk_bytes, chunk_bytes));
}

}  // namespace hangu::crypto::simd
