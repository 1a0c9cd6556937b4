// What an auditor's tools read: entries of any bytes, queries, query certificates. An entry's
// values and sentences are text that may be shown and searched; each value's own words find it; a
// query and a certificate that are read are written as they were, and read again as the same.

#include "audit/search/certificate.hpp"
#include "base/text.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::search;

void try_entry(std::string_view text) {
  const EntryFacts facts = facts_of({.index = 7, .text = text, .leaf = {}});
  const FactText sentence = sentence_of(facts);
  fuzz::must_hold(is_printable(sentence.zh, std::size_t{1} << 20));
  fuzz::must_hold(is_printable(sentence.en, std::size_t{1} << 20));
  const std::vector<Value> own = own_values(facts);
  const std::vector<Value> stated = stated_values(facts);
  for (const Value& value : own) {
    fuzz::must_hold(!value.text.empty() && is_utf8(value.text));
    SearchQuery query;
    const std::string searched = searched_text(value.field, value.text);
    if (!query.add_text(searched)) continue;  // too long, or nothing to search by
    fuzz::must_hold(Matcher(query).matches(own, stated));
  }
}

void try_query(const wire::Json& json) {
  const auto query = SearchQuery::parse(json);
  if (!query) return;
  const auto again = SearchQuery::parse(query->to_json());
  fuzz::must_hold(again && again->to_json() == query->to_json());
  (void)Matcher(*query).matches({}, {});
}

void try_certificate(const wire::Json& json) {
  const auto certificate = Certificate::parse(json);
  if (!certificate) return;
  fuzz::must_hold(certificate->span.first <= certificate->span.end);
  fuzz::must_hold(certificate->span.end <= certificate->head.size);
  const auto again = Certificate::parse(certificate->to_json());
  fuzz::must_hold(again && again->to_json() == certificate->to_json());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(fuzz::view(data, size));
  try_entry(input);
  if (const auto json = wire::Json::parse(input, kCertificateBytesMax)) {
    try_query(*json);
    try_certificate(*json);
  }
  return 0;
}
