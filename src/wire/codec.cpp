#include "wire/codec.hpp"

#include <bit>
#include <limits>

#include "base/text.hpp"

namespace hangu::wire {

ByteView Reader::take(std::size_t n) {
  if (failed()) return {};
  if (n > rest_.size()) {
    reject("wire-short");
    return {};
  }
  const ByteView taken = rest_.first(n);
  rest_ = rest_.subspan(n);
  return taken;
}

std::uint8_t Reader::u8() {
  const ByteView b = take(1);
  return b.empty() ? std::uint8_t{0} : std::to_integer<std::uint8_t>(b[0]);
}

std::uint16_t Reader::u16() {
  const unsigned high = u8();
  const unsigned low = u8();
  return static_cast<std::uint16_t>(high << 8 | low);
}

std::uint32_t Reader::u32() {
  const ByteView b = take(4);
  return b.empty() ? 0 : load_u32(b);
}

std::uint64_t Reader::u64() {
  const ByteView b = take(8);
  return b.empty() ? 0 : load_u64(b);
}

double Reader::f64() { return std::bit_cast<double>(u64()); }

bool Reader::flag() {
  const std::uint8_t value = u8();
  if (value > 1) reject("wire-value");
  return value == 1;
}

ByteView Reader::raw(std::size_t n) { return take(n); }

ByteView Reader::counted(std::size_t bytes_max) {
  const std::size_t n = u32();
  if (n > bytes_max) {
    reject("wire-too-long");
    return {};
  }
  return take(n);
}

std::string_view Reader::text(std::size_t bytes_max) {
  const std::string_view text = text_of(counted(bytes_max));
  if (!is_utf8(text)) {
    reject("text-not-utf8");
    return {};
  }
  return text;
}

std::size_t Reader::count(std::size_t items_max) {
  const std::size_t n = u32();
  if (n > items_max) {
    reject("wire-too-long");
    return 0;
  }
  return n;
}

void Reader::reject(std::string_view reason) {
  if (!failed()) reason_ = reason;
  rest_ = {};
}

Done Reader::finish() const {
  if (failed()) return fail(ErrorCode::malformed, reason_);
  if (!rest_.empty()) return fail(ErrorCode::malformed, "wire-trailing");
  return {};
}

Writer& Writer::u8(std::uint8_t value) {
  out_.push_back(static_cast<std::byte>(value));
  return *this;
}

Writer& Writer::u16(std::uint16_t value) {
  return u8(static_cast<std::uint8_t>(value >> 8)).u8(static_cast<std::uint8_t>(value & 0xff));
}

Writer& Writer::u32(std::uint32_t value) {
  std::array<std::byte, 4> b{};
  store_u32(b, value);
  return raw(b);
}

Writer& Writer::u64(std::uint64_t value) {
  std::array<std::byte, 8> b{};
  store_u64(b, value);
  return raw(b);
}

Writer& Writer::f64(double value) { return u64(std::bit_cast<std::uint64_t>(value)); }
Writer& Writer::flag(bool value) { return u8(value ? 1 : 0); }

Writer& Writer::raw(ByteView bytes) {
  append(out_, bytes);
  return *this;
}

Writer& Writer::counted(ByteView bytes) { return count(bytes.size()).raw(bytes); }
Writer& Writer::text(std::string_view text) { return counted(bytes_of(text)); }

Writer& Writer::count(std::size_t items) {
  HANGU_ASSERT(items <= std::numeric_limits<std::uint32_t>::max());
  return u32(static_cast<std::uint32_t>(items));
}

}  // namespace hangu::wire
