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
  values['='] = 0;
  return values;
}();

/// The two characters of each twelve bits.
constexpr auto kBase64Pairs = [] {
  std::array<std::array<char, 2>, 4096> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = {kBase64Alphabet[i >> 6], kBase64Alphabet[i & 63U]};
  return pairs;
}();

/// What six bits are worth at the place of `shift`.
int base64_value(char c, int shift) {
  return kBase64Values[static_cast<unsigned char>(c)] << shift;
}

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
  std::string text(bytes.size() * 2, '0');
  char* to = text.data();
  for (const std::byte b : bytes) {
    *to++ = kDigits[std::to_integer<std::size_t>(b >> 4)];
    *to++ = kDigits[std::to_integer<std::size_t>(b & std::byte{15})];
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
  char* to = text.data();
  const auto put = [&to](const std::byte* three) {
    std::uint32_t group = 0;
    for (int i = 0; i < 3; ++i) group = group << 8 | std::to_integer<std::uint32_t>(three[i]);
    std::memcpy(to, kBase64Pairs[group >> 12].data(), 2);
    std::memcpy(to + 2, kBase64Pairs[group & 0xfffU].data(), 2);
    to += 4;
  };
  for (; bytes.size() >= 3; bytes = bytes.subspan(3)) put(bytes.data());
  if (bytes.empty()) return text;
  const std::array rest{bytes[0], bytes.size() > 1 ? bytes[1] : std::byte{0}, std::byte{0}};
  put(rest.data());
  text.replace(text.size() - 3 + bytes.size(), 3, 3 - bytes.size(), '=');
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  Bytes bytes(text.size() / 4 * 3 + 1);  // one more: four are stored at once
  MutableByteView to(bytes);
  for (std::string_view rest = text; rest.size() >= 4; rest.remove_prefix(4), to = to.subspan(3)) {
    const int group = base64_value(rest[0], 18) | base64_value(rest[1], 12) |
                      base64_value(rest[2], 6) | base64_value(rest[3], 0);
    store_u32(to, static_cast<std::uint32_t>(group) << 8);
  }
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  bytes.resize(text.size() / 4 * 3 - std::min(text.size() / 4 * 3, padding));
  // The one spelling of these bytes has our characters, the right padding, and no bits set past the
  // end.
  if (to_base64(bytes) != text) return fail(ErrorCode::malformed, "base64-invalid");
  return bytes;
}

}  // namespace hangu
