#pragma once
// The blocks of a leaf's message 0x00 ‖ chunk ‖ padding, for hashes with 64-byte blocks and the
// padding of SHA-256 (FIPS 180-4 §5.1.1; SM3's is the same). Internal to crypto/simd.

#include <algorithm>
#include <array>

#include "base/bytes.hpp"

namespace hangu::crypto::simd {

inline constexpr std::size_t kBlockBytes = 64;
/// Of a chunk, what stands in the message's first block behind the prefix.
inline constexpr std::size_t kFirstBytes = kBlockBytes - 1;

using Block = std::array<std::byte, kBlockBytes>;

/// Blocks between the first and the tail, which lie in the chunk itself from kFirstBytes on.
[[nodiscard]] inline std::size_t inner_blocks(std::size_t chunk_bytes) {
  return (chunk_bytes - kFirstBytes) / kBlockBytes;
}

/// `chunk` is at least kFirstBytes long.
[[nodiscard]] inline Block first_block(ByteView chunk) {
  Block block{};
  std::ranges::copy(chunk.first(kFirstBytes), block.begin() + 1);
  return block;
}

/// The one or two blocks with the message's end and its padding.
struct Tail {
  std::array<Block, 2> blocks{};
  std::size_t count = 1;
};

[[nodiscard]] inline Tail tail_blocks(ByteView chunk) {
  const ByteView rest = chunk.subspan(kFirstBytes + inner_blocks(chunk.size()) * kBlockBytes);
  Tail tail;
  std::array<std::byte, 2 * kBlockBytes> padded{};
  std::ranges::copy(rest, padded.begin());
  padded[rest.size()] = std::byte{0x80};
  tail.count = rest.size() + 1 + 8 <= kBlockBytes ? 1 : 2;
  store_u64(MutableByteView(padded).subspan(tail.count * kBlockBytes - 8, 8),
            (std::uint64_t{chunk.size()} + 1) * 8);
  std::copy_n(padded.begin(), kBlockBytes, tail.blocks[0].begin());
  std::copy_n(padded.begin() + kBlockBytes, kBlockBytes, tail.blocks[1].begin());
  return tail;
}

}  // namespace hangu::crypto::simd
