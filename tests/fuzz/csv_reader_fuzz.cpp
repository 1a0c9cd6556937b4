// The CSV reader: what it accepts, spelled anew by the rule in its header, is the same bytes.

#include <string>

#include "check/csv_reader.hpp"
#include "tests/fuzz/target.hpp"

namespace {

/// A record by csv_reader.hpp's rule for quotes.
void spell(std::string& out, std::span<const std::string_view> fields) {
  bool first = true;
  for (const std::string_view field : fields) {
    if (!std::exchange(first, false)) out += ',';
    const bool quote = field.find_first_of(",\"\r\n") != std::string_view::npos ||
                       (fields.size() == 1 && field.empty());
    if (!quote) {
      out += field;
      continue;
    }
    out += '"';
    for (const char c : field) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }
  out += '\n';
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hangu;
  const ByteView input = fuzz::view(data, size);
  const check::MemorySource source(input);
  check::CsvReader reader(source);
  std::string again;
  while (true) {  // ends: each record takes bytes of the input
    const auto record = reader.next();
    if (!record) {
      fuzz::must_hold(!record.error().reason().empty());
      return 0;
    }
    if (!*record) break;
    spell(again, **record);
  }
  fuzz::must_hold(again == text_of(input));
  return 0;
}
