#include "audit/crc32c.hpp"

#include <array>

namespace hangu::audit {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  ///< 0x1edc6f41 reflected
constexpr std::size_t kSlices = 8;                 ///< bytes taken at once

constexpr auto kTables = [] {
  std::array<std::array<std::uint32_t, 256>, kSlices> tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) * kPolynomial);
    tables[0][i] = value;
  }
  for (std::size_t slice = 1; slice < kSlices; ++slice) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint32_t value = tables[slice - 1][i];
      tables[slice][i] = (value >> 8U) ^ tables[0][value & 0xffU];
    }
  }
  return tables;
}();

}  // namespace

std::uint32_t crc32c(ByteView bytes, std::uint32_t before) {
  std::uint32_t state = ~before;
  while (bytes.size() >= kSlices) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < kSlices; ++i) {
      const std::uint32_t carried = i < 4 ? (state >> (8 * i)) & 0xffU : 0;
      next ^= kTables[kSlices - 1 - i][std::to_integer<std::uint32_t>(bytes[i]) ^ carried];
    }
    state = next;
    bytes = bytes.subspan(kSlices);
  }
  for (const std::byte b : bytes) {
    state = (state >> 8U) ^ kTables[0][(state ^ std::to_integer<std::uint32_t>(b)) & 0xffU];
  }
  return ~state;
}

}  // namespace hangu::audit
