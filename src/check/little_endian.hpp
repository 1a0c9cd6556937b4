#pragma once
// Little-endian numbers at the start of a view whose length the caller has checked.

#include <bit>
#include <concepts>
#include <cstring>

#include "base/bytes.hpp"

namespace hangu::check {

/// Of `bytes` bytes, at most eight.
[[nodiscard]] inline std::uint64_t load_le(ByteView at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(at[i]);
  return value;
}
/// Of as many as T has.
template <std::unsigned_integral T>
[[nodiscard]] T load_le(ByteView at) {
  T value = 0;
  std::memcpy(&value, at.data(), sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}
[[nodiscard]] inline std::uint16_t load_u16_le(ByteView at) { return load_le<std::uint16_t>(at); }
[[nodiscard]] inline std::uint32_t load_u32_le(ByteView at) { return load_le<std::uint32_t>(at); }
[[nodiscard]] inline double load_f64_le(ByteView at) {
  return std::bit_cast<double>(load_le<std::uint64_t>(at));
}

}  // namespace hangu::check
