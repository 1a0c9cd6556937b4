#pragma once
// SHA-256 of several leaves at once: the processor's SHA instructions have a latency that one
// stream cannot fill, so streams are interleaved. Internal to crypto/simd.

#include <span>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace hangu::crypto::simd {

inline constexpr std::size_t kSha256Lanes = 4;

/// True when this processor has the SHA extensions and AVX2.
[[nodiscard]] bool sha256_lanes_available();

/// Leaves of kSha256Lanes chunks of one length (63 bytes or more). Only where available.
void sha256_leaves(std::span<const ByteView, kSha256Lanes> chunks,
                   std::span<Hash, kSha256Lanes> leaves);

}  // namespace hangu::crypto::simd
