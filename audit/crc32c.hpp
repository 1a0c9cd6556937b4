#pragma once
// CRC-32C (Castagnoli, RFC 3720 §12.1): finds torn and flipped bytes of a journal record. It
// protects against accidents; against people the tree does.

#include <cstdint>

#include "base/bytes.hpp"

namespace hangu::audit {

/// The checksum of `bytes`, going on from that of what stands before them.
[[nodiscard]] std::uint32_t crc32c(ByteView bytes, std::uint32_t before = 0);
/// The same on a processor that has no instruction for it.
[[nodiscard]] std::uint32_t crc32c_by_tables(ByteView bytes, std::uint32_t before = 0);

}  // namespace hangu::audit
