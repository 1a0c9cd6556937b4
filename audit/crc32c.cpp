#include "audit/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

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

#if defined(__x86_64__)
/// By the processor's own instruction, eight bytes at a time. `state` is the checksum inverted.
__attribute__((target("sse4.2"))) std::uint32_t by_processor(ByteView bytes, std::uint32_t state) {
  std::uint64_t wide = state;
  while (bytes.size() >= sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    wide = _mm_crc32_u64(wide, word);
    bytes = bytes.subspan(sizeof word);
  }
  state = static_cast<std::uint32_t>(wide);
  for (const std::byte b : bytes) state = _mm_crc32_u8(state, std::to_integer<std::uint8_t>(b));
  return state;
}
#endif

}  // namespace

std::uint32_t crc32c_by_tables(ByteView bytes, std::uint32_t before) {
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

std::uint32_t crc32c(ByteView bytes, std::uint32_t before) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return ~by_processor(bytes, ~before);
#endif
  return crc32c_by_tables(bytes, before);
}

}  // namespace hangu::audit
