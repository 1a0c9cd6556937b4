#pragma once
// Bytes: byte views and buffers, and their text forms (hex, base64).

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hangu {

using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;
using Bytes = std::vector<std::byte>;

/// The bytes of a text, and the other way; views into the argument.
[[nodiscard]] ByteView bytes_of(std::string_view text);
[[nodiscard]] std::string_view text_of(ByteView bytes);
[[nodiscard]] Bytes to_bytes(ByteView bytes);
[[nodiscard]] inline Bytes to_bytes(std::string_view text) { return to_bytes(bytes_of(text)); }
void append(Bytes& to, ByteView bytes);
/// Equality of public bytes. Secrets are compared with crypto::constant_time_equal.
[[nodiscard]] bool equal(ByteView a, ByteView b);

/// Lower-case hexadecimal. Decoding refuses odd length and any other character ("hex-invalid").
[[nodiscard]] std::string to_hex(ByteView bytes);
[[nodiscard]] Result<Bytes> from_hex(std::string_view text);

/// Padded standard base64 (RFC 4648 §4). Decoding is strict: no white space, no missing or
/// superfluous padding, no set bits past the end ("base64-invalid").
[[nodiscard]] std::string to_base64(ByteView bytes);
[[nodiscard]] Result<Bytes> from_base64(std::string_view text);

/// Big-endian integers at the start of `at` (whose length the caller guarantees).
template <std::unsigned_integral T>
void store_big(MutableByteView at, T value) {
  HANGU_ASSERT(at.size() >= sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  std::memcpy(at.data(), &value, sizeof value);
}
template <std::unsigned_integral T>
[[nodiscard]] T load_big(ByteView at) {
  T value = 0;
  HANGU_ASSERT(at.size() >= sizeof value);
  std::memcpy(&value, at.data(), sizeof value);
  if constexpr (std::endian::native == std::endian::little) value = std::byteswap(value);
  return value;
}
inline void store_u32(MutableByteView at, std::uint32_t value) { store_big(at, value); }
inline void store_u64(MutableByteView at, std::uint64_t value) { store_big(at, value); }
[[nodiscard]] inline std::uint32_t load_u32(ByteView at) { return load_big<std::uint32_t>(at); }
[[nodiscard]] inline std::uint64_t load_u64(ByteView at) { return load_big<std::uint64_t>(at); }

}  // namespace hangu
