#pragma once
// Little-endian numbers at the start of a view whose length the caller has checked.

#include <bit>

#include "base/bytes.hpp"

namespace hangu::check {

[[nodiscard]] inline std::uint64_t load_le(ByteView at, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(at[i]);
  return value;
}
[[nodiscard]] inline std::uint16_t load_u16_le(ByteView at) {
  return static_cast<std::uint16_t>(load_le(at, 2));
}
[[nodiscard]] inline std::uint32_t load_u32_le(ByteView at) {
  return static_cast<std::uint32_t>(load_le(at, 4));
}
[[nodiscard]] inline double load_f64_le(ByteView at) {
  return std::bit_cast<double>(load_le(at, 8));
}

}  // namespace hangu::check
