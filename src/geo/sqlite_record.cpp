#include "geo/sqlite_record.hpp"

#include <bit>

namespace hangu::geo {
namespace {

constexpr std::int64_t kInt48Max = (std::int64_t{1} << 47) - 1;

}  // namespace

Varint varint(std::uint64_t value) {
  Varint out;
  if (value >> 56 != 0) {
    out.size = 9;
    out.bytes[8] = static_cast<std::byte>(value & 0xff);
    value >>= 8;
    for (std::size_t i = 8; i-- > 0; value >>= 7) {
      out.bytes[i] = static_cast<std::byte>(0x80 | (value & 0x7f));
    }
    return out;
  }
  out.size = 1;
  for (std::uint64_t rest = value >> 7; rest != 0; rest >>= 7) ++out.size;
  for (std::size_t i = out.size; i-- > 0; value >>= 7) {
    out.bytes[i] = static_cast<std::byte>((i + 1 == out.size ? 0 : 0x80) | (value & 0x7f));
  }
  return out;
}

void RecordWriter::clear() {
  types_.clear();
  body_.clear();
  bulk_at_ = 0;
  bulk_ = {};
}

void RecordWriter::type(std::uint64_t code) {
  if (code < 0x80) {
    types_.push_back(static_cast<std::byte>(code));
  } else {
    append(types_, varint(code).view());
  }
}

RecordWriter& RecordWriter::null() {
  type(0);
  return *this;
}

RecordWriter& RecordWriter::integer(std::int64_t value) {
  if (value == 0 || value == 1) {
    type(value == 0 ? 8 : 9);
    return *this;
  }
  // 2.1: the type, and how many bytes of two's complement it has.
  constexpr std::array<std::size_t, 6> kSizes{1, 2, 3, 4, 6, 8};
  std::size_t i = 0;
  while (kSizes[i] < 8) {
    const std::int64_t bound = std::int64_t{1} << (8 * kSizes[i] - 1);
    if (value >= -bound && value < bound) break;
    ++i;
  }
  type(i + 1);
  for (std::size_t b = kSizes[i]; b-- > 0;) {
    body_.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * b) & 0xff));
  }
  return *this;
}

RecordWriter& RecordWriter::real(double value) {
  if (value >= -static_cast<double>(kInt48Max) && value <= static_cast<double>(kInt48Max)) {
    const auto whole = static_cast<std::int64_t>(value);
    if (static_cast<double>(whole) == value) return integer(whole);
  }
  type(7);
  std::array<std::byte, 8> bits;
  store_u64(bits, std::bit_cast<std::uint64_t>(value));
  append(body_, bits);
  return *this;
}

RecordWriter& RecordWriter::text(std::string_view value) {
  type(13 + 2 * value.size());
  append(body_, bytes_of(value));
  return *this;
}

RecordWriter& RecordWriter::bytes(ByteView value) {
  type(12 + 2 * value.size());
  append(body_, value);
  return *this;
}

RecordWriter& RecordWriter::bulk(ByteView first, ByteView second) {
  type(12 + 2 * (first.size() + second.size()));
  bulk_at_ = body_.size();
  bulk_ = {first, second};
  return *this;
}

std::span<const ByteView> RecordWriter::pieces() {
  // The header's length counts itself.
  std::size_t length = types_.size() + 1;
  if (varint(length).size > 1) length = types_.size() + 2;
  HANGU_ASSERT(types_.size() + varint(length).size == length);
  head_.clear();
  append(head_, varint(length).view());
  append(head_, types_);
  const ByteView body(body_);
  pieces_ = {ByteView(head_), body.first(bulk_at_), bulk_[0], bulk_[1], body.subspan(bulk_at_)};
  return pieces_;
}

Bytes RecordWriter::whole() {
  Bytes out;
  for (const ByteView piece : pieces()) append(out, piece);
  return out;
}

}  // namespace hangu::geo
