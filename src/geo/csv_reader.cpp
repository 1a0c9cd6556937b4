#include "geo/csv_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "os/file.hpp"
#include "plain/writer.hpp"

namespace hangu::geo {
namespace {

constexpr std::size_t kWindowBytes = 256 * 1024;
constexpr std::size_t kRowBytesMax = std::size_t{32} << 20;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kTableName = "table";

/// CsvRows cuts a file into rows of values.
class CsvRows {
 public:
  CsvRows(plain::Input input, std::uint64_t size) : input_(input), size_(size) {}

  /// The next row into `values()`; false at the end.
  Result<bool> next() {
    begin_row();
    while (true) {  // ends: by the end of the file
      HANGU_TRY(const std::optional<char> c, take());
      if (!c) {
        if (state_ == State::quoted) return wrong("csv-open-quote");
        if (after_return_) return wrong("csv-carriage-return");
        if (text_.empty() && starts_.size() == 1 && state_ == State::start) return false;
        HANGU_CHECK(end_row());
        return true;
      }
      HANGU_TRY(const bool ended, step(*c));
      if (!ended) continue;
      HANGU_CHECK(end_row());
      return true;
    }
  }
  [[nodiscard]] std::span<const plain::Value> values() const { return values_; }
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

  [[nodiscard]] std::unexpected<Error> wrong(std::string_view reason) const {
    return fail(ErrorCode::malformed, reason, "row " + std::to_string(rows_ + 1));
  }

 private:
  enum class State : std::uint8_t { start, bare, quoted, quote_in_quoted };

  /// Takes one character into the row; true when the row has ended.
  Result<bool> step(char c) {
    if (c == '\0') return wrong("csv-nul");
    if (text_.size() == kRowBytesMax) return fail(ErrorCode::exhausted, "csv-limit", "row");
    if (state_ == State::quoted) {
      if (c == '"') {
        state_ = State::quote_in_quoted;
      } else {
        text_ += c;
      }
      return false;
    }
    if (after_return_) {
      if (c != '\n') return wrong("csv-carriage-return");
      return true;
    }
    switch (c) {
      case ',':
        starts_.push_back(text_.size());
        state_ = State::start;
        return false;
      case '\n': return true;
      case '\r': after_return_ = true; return false;
      case '"':
        if (state_ == State::bare) return wrong("csv-quote");
        if (state_ == State::quote_in_quoted) text_ += c;
        state_ = State::quoted;
        return false;
      default:
        if (state_ == State::quote_in_quoted) return wrong("csv-quote");
        text_ += c;
        state_ = State::bare;
        return false;
    }
  }

  void begin_row() {
    text_.clear();
    starts_.assign(1, 0);
    state_ = State::start;
    after_return_ = false;
  }

  Done end_row() {
    if (!is_utf8(text_)) return wrong("csv-not-utf8");
    values_.clear();
    for (std::size_t i = 0; i < starts_.size(); ++i) {
      const std::size_t end = i + 1 < starts_.size() ? starts_[i + 1] : text_.size();
      values_.emplace_back(std::string_view(text_).substr(starts_[i], end - starts_[i]));
    }
    ++rows_;
    return {};
  }

  Result<std::optional<char>> take() {
    if (at_ == window_.size()) {
      if (offset_ == size_) return std::optional<char>();
      HANGU_CHECK(refill());
      if (at_ == window_.size()) return std::optional<char>();
    }
    return std::optional<char>(static_cast<char>(window_[at_++]));
  }

  Done refill() {
    window_.resize(
        static_cast<std::size_t>(std::min<std::uint64_t>(kWindowBytes, size_ - offset_)));
    HANGU_CHECK(input_.read_at(offset_, window_));
    const bool marked = offset_ == 0 && text_of(window_).starts_with(kByteOrderMark);
    offset_ += window_.size();
    at_ = marked ? kByteOrderMark.size() : 0;
    return {};
  }

  plain::Input input_;
  std::uint64_t size_;
  Bytes window_;
  std::size_t at_ = 0;
  std::uint64_t offset_ = 0;
  State state_ = State::start;
  bool after_return_ = false;
  std::string text_;                 ///< the row's values, one after another
  std::vector<std::size_t> starts_;  ///< where each begins
  std::vector<plain::Value> values_;
  std::uint64_t rows_ = 0;
};

}  // namespace

Result<Outcome> read_csv(plain::Input input, os::FdView output) {
  Outcome outcome;
  HANGU_TRY(outcome.input_bytes, input.size());
  CsvRows rows(input, outcome.input_bytes);
  HANGU_TRY(const bool has_header, rows.next());
  if (!has_header) return rows.wrong("csv-no-header");
  plain::Layer layer;
  layer.name = kTableName;
  for (const plain::Value& name : rows.values()) {
    layer.fields.push_back(
        {std::string(std::get<std::string_view>(name)), plain::FieldType::text, 0, false});
  }
  HANGU_TRY(plain::Writer writer,
            plain::Writer::create(output, {plain::DatasetKind::table, 1}, input.companion()));
  HANGU_CHECK(writer.layer(layer));
  while (true) {  // ends: the rows of a finite file
    HANGU_TRY(const bool row, rows.next());
    if (!row) break;
    if (rows.values().size() != layer.fields.size()) {
      return fail(ErrorCode::malformed, "csv-ragged-row",
                  "row " + std::to_string(rows.rows()) + " has " +
                      std::to_string(rows.values().size()) + " values, not " +
                      std::to_string(layer.fields.size()));
    }
    HANGU_TRY([[maybe_unused]] const plain::Shape none, writer.feature(rows.values(), {}));
  }
  HANGU_TRY(outcome.trailer, writer.finish());
  outcome.output_bytes = writer.stored_bytes();
  return outcome;
}

}  // namespace hangu::geo
