// Labels and label policies in XML: what is read is written, and read again as the same.

#include "policy/labels/label_policy.hpp"
#include "policy/labels/spif.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace hangu;

/// A reason, and a place that an editor finds.
void must_be_told(const Error& error) { fuzz::must_hold(!error.reason().empty()); }

void try_label(std::string_view text) {
  const auto document = policy::read_label_document(text);
  if (!document) return must_be_told(document.error());
  const auto written = policy::write_label_document(*document);
  fuzz::must_hold(written.has_value());
  if (written->size() > policy::kLabelXmlBytesMax) return;  // indented it is longer
  const auto again = policy::read_label_document(*written);
  fuzz::must_hold(again && *again == *document);
}

void try_spif(std::string_view text) {
  const auto read = policy::read_spif(text);
  if (!read) return must_be_told(read.error());
  fuzz::must_hold(policy::check_consistent(*read).has_value());
  const auto written = policy::write_spif(*read, WallTime());
  fuzz::must_hold(written.has_value());
  if (written->size() > policy::kSpifBytesMax / 4) return;  // what is added may pass a bound
  const auto again = policy::read_spif(*written);
  fuzz::must_hold(again && *again == *read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = text_of(fuzz::view(data, size));
  try_label(text);
  try_spif(text);
  return 0;
}
