#include "base/bytes.hpp"

#include <algorithm>
#include <cstring>

namespace hangu {
namespace {

constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

constexpr auto kBase64Values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kBase64Alphabet.size(); ++i)
    values[static_cast<unsigned char>(kBase64Alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}();

int base64_value(char c) { return kBase64Values[static_cast<unsigned char>(c)]; }

}  // namespace

ByteView bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string_view text_of(ByteView bytes) {
  const void* start = bytes.data();  // a void pointer: char may alias any object
  return {static_cast<const char*>(start), bytes.size()};
}

Bytes to_bytes(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

std::string to_hex(ByteView bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::byte b : bytes) {
    text += kDigits[std::to_integer<std::size_t>(b >> 4)];
    text += kDigits[std::to_integer<std::size_t>(b & std::byte{15})];
  }
  return text;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(ErrorCode::malformed, "hex-invalid", "odd length");
  Bytes bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    if (high < 0 || low < 0) return fail(ErrorCode::malformed, "hex-invalid", "not a hex digit");
    bytes[i] = static_cast<std::byte>(high * 16 + low);
  }
  return bytes;
}

std::string to_base64(ByteView bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < n ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k <= n; ++k)
      text[i / 3 * 4 + k] = kBase64Alphabet[group >> (18 - 6 * k) & 63U];
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  Bytes bytes(text.size() / 4 * 3 + 3);
  std::size_t made = 0;
  std::uint32_t group = 0;
  for (std::size_t i = 0; i < text.size() && text[i] != '='; ++i) {
    const int value = base64_value(text[i]);
    if (value < 0) return fail(ErrorCode::malformed, "base64-invalid", "not in the alphabet");
    group = group << 6 | static_cast<std::uint32_t>(value);
    if (i % 4 != 0) bytes[made++] = static_cast<std::byte>(group >> (6 - 2 * (i % 4)) & 0xff);
  }
  bytes.resize(made);
  // The one spelling of these bytes has the right padding, and no bits set past the end.
  if (to_base64(bytes) != text) return fail(ErrorCode::malformed, "base64-invalid", "spelling");
  return bytes;
}

}  // namespace hangu
