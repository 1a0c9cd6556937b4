#include "geo/csv_writer.hpp"

#include "os/file.hpp"
#include "plain/reader.hpp"

namespace hangu::geo {
namespace {

constexpr std::size_t kWaitingBytes = 256 * 1024;

/// CsvOutput spells rows.
class CsvOutput {
 public:
  CsvOutput(os::FdView output, std::uint64_t bytes_max) : output_(output), bytes_max_(bytes_max) {}

  void value(std::string_view text, bool alone) {
    if (!at_start_) waiting_ += ',';
    at_start_ = false;
    const bool quote =
        text.find_first_of(",\"\r\n") != std::string_view::npos || (alone && text.empty());
    if (!quote) {
      waiting_ += text;
      return;
    }
    waiting_ += '"';
    for (const char c : text) waiting_.append(c == '"' ? 2 : 1, c);
    waiting_ += '"';
  }
  Done end_row() {
    waiting_ += '\n';
    at_start_ = true;
    return waiting_.size() < kWaitingBytes ? Done() : flush();
  }
  Done flush() {
    if (waiting_.size() > bytes_max_ - written_) return fail(ErrorCode::exhausted, "output-limit");
    HANGU_CHECK(os::write_all_at(output_, written_, bytes_of(waiting_)));
    written_ += waiting_.size();
    waiting_.clear();
    return {};
  }
  [[nodiscard]] std::uint64_t written() const { return written_; }

 private:
  os::FdView output_;
  std::uint64_t bytes_max_;
  std::uint64_t written_ = 0;
  std::string waiting_;
  bool at_start_ = true;
};

}  // namespace

Result<Outcome> write_csv(plain::Input plain_form, os::FdView output,
                          std::uint64_t output_bytes_max) {
  HANGU_TRY(plain::Reader reader, plain::Reader::open(plain_form));
  if (reader.dataset().kind != plain::DatasetKind::table) {
    return fail(ErrorCode::malformed, "format-unfit",
                "a " + std::string(to_text(reader.dataset().kind)) + " as CSV");
  }
  CsvOutput csv(output, output_bytes_max);
  while (true) {  // ends: each record takes bytes of a finite file
    HANGU_TRY(const plain::Record record, reader.next());
    if (const auto* start = std::get_if<plain::LayerStart>(&record)) {
      for (const plain::Field& field : start->layer->fields) csv.value(field.name, false);
      HANGU_CHECK(csv.end_row());
    } else if (const auto* row = std::get_if<plain::Feature>(&record)) {
      for (const plain::Value& value : row->values) {
        csv.value(std::get<std::string_view>(value), row->values.size() == 1);
      }
      HANGU_CHECK(csv.end_row());
    } else if (const auto* trailer = std::get_if<plain::Trailer>(&record)) {
      HANGU_CHECK(csv.flush());
      Outcome outcome;
      outcome.trailer = *trailer;
      outcome.output_bytes = csv.written();
      HANGU_TRY(outcome.input_bytes, plain_form.size());
      return outcome;
    }
  }
}

}  // namespace hangu::geo
