#pragma once
// CsvReader: RFC 4180 and nothing else, and of its spellings only one. Fields are separated by
// commas and records end in a line feed, the last one too. A field stands in quotes exactly when
// it holds a comma, a quote, a carriage return or a line feed, or is the empty only field of its
// record. No byte order mark. So equal tables have equal bytes, and no byte is left to say
// anything else with.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "check/byte_source.hpp"

namespace hangu::check {

/// Errors of next(): Malformed "csv-bom", "csv-carriage-return", "csv-quote" (a quote in a field
/// without quotes, or something after a closing one), "csv-quoting" (quotes where none are
/// needed), "csv-open-quote", "csv-no-final-line-feed", "csv-empty-record", "csv-columns" (another
/// count than the first record's); Exhausted "csv-limit"; those of the source.
/// Memory: a window and the largest record. Thread: one.
class CsvReader {
 public:
  /// Borrows the source.
  explicit CsvReader(const ByteSource& source) : source_(source) {}

  /// The fields of the next record; nothing at the end. Views live until the next call.
  [[nodiscard]] Result<std::optional<std::span<const std::string_view>>> next();
  [[nodiscard]] std::uint64_t records() const { return records_; }

 private:
  enum class Place : std::uint8_t { field_start, bare, quoted, quote_in_quoted };

  [[nodiscard]] Result<bool> fill();
  [[nodiscard]] Done step(char c);
  [[nodiscard]] Done end_field();
  [[nodiscard]] Done finish_record();
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view reason) const;

  const ByteSource& source_;
  Bytes window_;
  std::size_t in_window_ = 0;
  std::uint64_t window_start_ = 0;
  Place place_ = Place::field_start;
  bool needs_quotes_ = false;
  bool was_quoted_ = false;
  bool complete_ = false;            ///< a record has just ended
  bool empty_field_quoted_ = false;  ///< the last field was ""
  std::string text_;                 ///< of all fields of the record
  std::vector<std::size_t> ends_;    ///< where each field ends in text_
  std::vector<std::string_view> fields_;
  std::optional<std::size_t> columns_;
  std::uint64_t records_ = 0;
};

}  // namespace hangu::check
