#pragma once
// The SM4 block cipher in counter mode, many blocks at once. Internal to crypto/simd.

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace hangu::crypto::simd {

inline constexpr std::size_t kSm4BlockBytes = 16;
inline constexpr std::size_t kSm4Rounds = 32;
/// One call computes this much key stream at once.
inline constexpr std::size_t kSm4BatchBytes = 1024;

using Sm4RoundKeys = std::array<std::uint32_t, kSm4Rounds>;
using Sm4Counter = std::array<std::uint32_t, 4>;  ///< a counter block's big-endian words

/// True when this processor has AVX-512 F and BW, and GFNI.
[[nodiscard]] bool sm4_wide_available();

/// Writes the round keys of a 16-byte key. Only where available, as all that follows.
void sm4_expand(ByteView key, std::span<std::uint32_t, kSm4Rounds> round_keys);

/// out = in XOR the key stream that starts at `counter`, whose last word counts blocks and wraps
/// (SP 800-38D's inc32). Sizes are equal; `out` may be `in`.
void sm4_counter_mode(std::span<const std::uint32_t, kSm4Rounds> round_keys, Sm4Counter counter,
                      ByteView in, MutableByteView out);

}  // namespace hangu::crypto::simd
