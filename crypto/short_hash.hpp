#pragma once
// Short hash: SipHash-2-4 (Aumasson, Bernstein 2012), for tables whose keys strangers choose.

#include <array>
#include <cstdint>

#include "base/bytes.hpp"

namespace hangu::crypto {

inline constexpr std::size_t kShortHashSecretBytes = 16;

/// 64 bits of `bytes` that nobody can foresee without `secret`. It proves nothing: what it finds is
/// a candidate. Thread: any.
[[nodiscard]] std::uint64_t short_hash(const std::array<std::byte, kShortHashSecretBytes>& secret,
                                       ByteView bytes);

}  // namespace hangu::crypto
