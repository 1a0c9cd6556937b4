// The checks of a CSV file: one pass that reads it strictly and recomputes the digest.

#include <algorithm>

#include "base/text.hpp"
#include "check/content.hpp"
#include "check/csv_reader.hpp"
#include "plain/writer.hpp"

namespace hangu::check {
namespace {

using wire::JsonObject;

std::unexpected<Error> differs(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

Result<JsonObject> check_header(CsvReader& reader, const Content& content) {
  if (content.dataset.kind != plain::DatasetKind::table || content.layers.size() != 1) {
    return differs("rendition-kind-differs", "a CSV file holds a table");
  }
  HANGU_TRY(const auto header, reader.next());
  if (!header) return differs("rendition-columns-differ", "no header");
  const std::vector<plain::Field>& fields = content.layers.front().fields;
  const bool same = std::ranges::equal(*header, fields, {}, {}, &plain::Field::name);
  if (!same) return differs("rendition-columns-differ", std::to_string(header->size()));
  return JsonObject{{"columns", fields.size()}};
}

Result<JsonObject> check_rows(CsvReader& reader, const ByteSource& source, const Content& content) {
  HANGU_TRY(plain::Writer digest, plain::Writer::digest_only(content.dataset));
  HANGU_CHECK(digest.layer(content.layers.front()));
  std::vector<plain::Value> values;
  while (true) {  // ends: each record takes bytes of a finite file
    HANGU_TRY(const auto record, reader.next());
    if (!record) break;
    values.assign(record->begin(), record->end());
    HANGU_TRY([[maybe_unused]] const plain::Shape none, digest.feature(values, {}));
  }
  HANGU_TRY(const plain::Trailer trailer, digest.finish());
  HANGU_CHECK(compare(trailer, content.trailer));
  return JsonObject{
      {"bytes", source.size()}, {"digest", to_hex(trailer.digest)}, {"rows", trailer.features}};
}

}  // namespace

void check_csv(const ByteSource& source, const Content& content, Findings& findings) {
  CsvReader reader(source);
  [[maybe_unused]] const bool all =
      found(findings, "schema", [&] { return check_header(reader, content); }) &&
      found(findings, "content", [&] { return check_rows(reader, source, content); });
}

}  // namespace hangu::check
