#pragma once
// SHA-256 or SM3 of sixteen leaves at once, one in each 32-bit lane of AVX-512. Internal to
// crypto/simd.

#include <span>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace hangu::crypto::simd {

inline constexpr std::size_t kWideLanes = 16;

/// True when this processor has AVX-512 F and BW.
[[nodiscard]] bool wide_lanes_available();

/// Leaves H(0x00 ‖ chunk) of sixteen chunks of one length. Only where available.
void wide_leaves(HashAlgorithm algorithm, std::span<const ByteView, kWideLanes> chunks,
                 std::span<Hash, kWideLanes> leaves);

}  // namespace hangu::crypto::simd
