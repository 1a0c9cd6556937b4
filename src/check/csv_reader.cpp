#include "check/csv_reader.hpp"

#include <algorithm>

#include "check/limits.hpp"
#include "plain/limits.hpp"

namespace hangu::check {

std::unexpected<Error> CsvReader::wrong(std::string_view reason) const {
  return fail(ErrorCode::malformed, reason, "record " + std::to_string(records_ + 1));
}

Result<bool> CsvReader::fill() {
  const std::uint64_t at = window_start_ + window_.size();
  const std::uint64_t left = source_.size() - at;
  if (left == 0) return false;
  window_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, kCsvWindowBytes)));
  HANGU_CHECK(source_.read_at(at, window_));
  window_start_ = at;
  in_window_ = 0;
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (at == 0 && text_of(window_).starts_with(kMark)) return wrong("csv-bom");
  return true;
}

Done CsvReader::end_field() {
  if (was_quoted_ && !needs_quotes_) {
    const std::size_t start = ends_.empty() ? 0 : ends_.back();
    if (text_.size() != start) return wrong("csv-quoting");
    empty_field_quoted_ = true;  // right for the only field of a record
  }
  ends_.push_back(text_.size());
  if (ends_.size() > plain::kFieldsMax) return fail(ErrorCode::exhausted, "csv-limit", "columns");
  place_ = Place::field_start;
  needs_quotes_ = false;
  was_quoted_ = false;
  return {};
}

Done CsvReader::finish_record() {
  if (ends_.size() == 1 && text_.empty()) {
    if (!empty_field_quoted_) return wrong("csv-empty-record");
  } else if (empty_field_quoted_) {
    return wrong("csv-quoting");
  }
  if (columns_.value_or(ends_.size()) != ends_.size()) return wrong("csv-columns");
  columns_ = ends_.size();
  complete_ = true;
  return {};
}

/// One character of a record, by RFC 4180 section 2.
Done CsvReader::step(char c) {
  const bool ends_record = c == '\n';
  switch (place_) {
    case Place::quoted:
      if (c == '"') {
        place_ = Place::quote_in_quoted;
        return {};
      }
      needs_quotes_ |= c == ',' || c == '\r' || ends_record;
      text_.push_back(c);
      return {};
    case Place::quote_in_quoted:
      if (c == '"') {
        needs_quotes_ = true;
        text_.push_back(c);
        place_ = Place::quoted;
        return {};
      }
      if (c != ',' && !ends_record) return wrong(c == '\r' ? "csv-carriage-return" : "csv-quote");
      break;
    case Place::field_start:
      if (c == '"') {
        place_ = Place::quoted;
        was_quoted_ = true;
        return {};
      }
      [[fallthrough]];
    case Place::bare:
      if (c == '"') return wrong("csv-quote");
      if (c == '\r') return wrong("csv-carriage-return");
      if (c != ',' && !ends_record) {
        place_ = Place::bare;
        text_.push_back(c);
        return {};
      }
      break;
  }
  HANGU_CHECK(end_field());
  return ends_record ? finish_record() : Done();
}

Result<std::optional<std::span<const std::string_view>>> CsvReader::next() {
  using Fields = std::optional<std::span<const std::string_view>>;
  text_.clear();
  ends_.clear();
  fields_.clear();
  complete_ = false;
  empty_field_quoted_ = false;
  while (!complete_) {
    if (in_window_ == window_.size()) {
      HANGU_TRY(const bool more, fill());
      if (!more) {
        if (place_ == Place::quoted) return wrong("csv-open-quote");
        if (place_ != Place::field_start || !ends_.empty()) return wrong("csv-no-final-line-feed");
        return Fields();
      }
    }
    HANGU_CHECK(step(static_cast<char>(window_[in_window_++])));
    if (text_.size() > kCsvRecordBytesMax) return fail(ErrorCode::exhausted, "csv-limit", "record");
  }
  std::size_t start = 0;
  for (const std::size_t end : ends_) {
    fields_.push_back(std::string_view(text_).substr(start, end - start));
    start = end;
  }
  ++records_;
  return Fields(fields_);
}

}  // namespace hangu::check
