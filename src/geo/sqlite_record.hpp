#pragma once
// SQLite's records and variable-length integers, as its tables and indexes hold them.
// Source: "Database File Format", sqlite.org/fileformat2.html, sections 1.6 and 2.1.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.hpp"

namespace hangu::geo {

inline constexpr std::size_t kVarintBytesMax = 9;

/// A variable-length integer: seven bits a byte, highest first; the ninth byte has eight.
struct Varint {
  std::array<std::byte, kVarintBytesMax> bytes{};
  std::size_t size = 0;
  [[nodiscard]] ByteView view() const { return ByteView(bytes).first(size); }
};
[[nodiscard]] Varint varint(std::uint64_t value);

/// RecordWriter makes a record: the header of types, and the body. Views given to `bulk` must live
/// until the record is used.
class RecordWriter {
 public:
  void clear();
  RecordWriter& null();
  RecordWriter& integer(std::int64_t value);
  /// A real; in the form that SQLite itself chooses for a REAL column (integers where exact).
  RecordWriter& real(double value);
  RecordWriter& text(std::string_view value);
  RecordWriter& bytes(ByteView value);
  /// Bytes in two pieces that are not copied. At most once a record.
  RecordWriter& bulk(ByteView first, ByteView second);
  /// The record in pieces; views into this writer.
  [[nodiscard]] std::span<const ByteView> pieces();
  /// The record as one.
  [[nodiscard]] Bytes whole();

 private:
  void type(std::uint64_t code);

  Bytes types_;
  Bytes head_;
  Bytes body_;
  std::size_t bulk_at_ = 0;  ///< where in the body the bulk stands
  std::array<ByteView, 2> bulk_;
  std::array<ByteView, 5> pieces_;
};

}  // namespace hangu::geo
