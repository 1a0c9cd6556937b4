#pragma once
// Bounded reader and writer for binary messages and records: big-endian integers, counted byte
// strings. Reader and writer of a message stand in one file and read like the format's table.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace hangu::wire {

/// Reader walks a byte view and cannot overrun. The first failure sticks: every later read gives
/// zero values, so a parse function reads all its fields and asks finish() once.
/// Errors of finish(): Malformed "wire-short", "wire-too-long", "wire-trailing", "wire-value".
/// Thread: one. Views returned live as long as the input.
class Reader {
 public:
  explicit Reader(ByteView input) : rest_(input) {}

  [[nodiscard]] std::uint8_t u8();
  [[nodiscard]] std::uint16_t u16();
  [[nodiscard]] std::uint32_t u32();
  [[nodiscard]] std::uint64_t u64();
  /// IEEE 754 binary64 by its bits.
  [[nodiscard]] double f64();
  /// One byte, 0 or 1.
  [[nodiscard]] bool flag();
  /// A closed enumeration stored as one byte, values 0..last.
  template <class E>
  [[nodiscard]] E enumerated(E last) {
    const std::uint8_t value = u8();
    if (value > static_cast<std::uint8_t>(last)) reject("wire-value");
    return failed() ? E{} : static_cast<E>(value);
  }
  /// Exactly `n` bytes.
  [[nodiscard]] ByteView raw(std::size_t n);
  /// u32 length, then that many bytes; longer than `bytes_max` is refused.
  [[nodiscard]] ByteView counted(std::size_t bytes_max);
  /// As counted(), and must be UTF-8.
  [[nodiscard]] std::string_view text(std::size_t bytes_max);
  /// u32 count of items that follow; more than `items_max` is refused.
  [[nodiscard]] std::size_t count(std::size_t items_max);

  /// Marks the input as refused for a reason of the caller's (a string literal).
  void reject(std::string_view reason);
  [[nodiscard]] bool failed() const { return !reason_.empty(); }
  [[nodiscard]] std::size_t remaining() const { return rest_.size(); }
  /// The verdict over the whole input: everything read, nothing failed, nothing left.
  [[nodiscard]] Done finish() const;

 private:
  ByteView take(std::size_t n);

  ByteView rest_;
  std::string_view reason_;
};

/// Writer appends to a buffer of its own. Lengths beyond u32 are a defect.
class Writer {
 public:
  Writer& u8(std::uint8_t value);
  Writer& u16(std::uint16_t value);
  Writer& u32(std::uint32_t value);
  Writer& u64(std::uint64_t value);
  Writer& f64(double value);
  Writer& flag(bool value);
  template <class E>
  Writer& enumerated(E value) {
    return u8(static_cast<std::uint8_t>(value));
  }
  Writer& raw(ByteView bytes);
  Writer& counted(ByteView bytes);
  Writer& text(std::string_view text);
  Writer& count(std::size_t items);

  [[nodiscard]] ByteView bytes() const { return out_; }
  [[nodiscard]] Bytes take() && { return std::move(out_); }
  /// Forgets what was written and keeps its memory.
  void clear() { out_.clear(); }

 private:
  Bytes out_;
};

}  // namespace hangu::wire
