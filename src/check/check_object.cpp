#include "check/check_object.hpp"

#include <future>

#include "check/content.hpp"
#include "plain/worker_protocol.hpp"

namespace hangu::check {

Findings check_object(const CheckedObject& object) {
  Findings findings;
  const Result<plain::Format> format = plain::parse_media_type(object.media_type);
  // The pages of a GeoPackage are walked while plain form is read: neither needs the other.
  std::future<Result<SqliteLayout>> pages;
  if (format && *format == plain::Format::geopackage) {
    pages = std::async(
        kBeside, [twin = std::shared_ptr(object.rendition.twin())] { return walk_sqlite(*twin); });
  }
  Content content;
  const bool plain_form = found(findings, "plain-form", [&]() -> Result<wire::JsonObject> {
    HANGU_TRY(content, plain::read_outline(object.plain_form));
    return wire::JsonObject{{"kind", plain::to_text(content.dataset.kind)},
                            {"digest", to_hex(content.trailer.digest)}};
  });
  if (!plain_form) return findings;
  if (!format) {
    findings.stop("format", format.error());
    return findings;
  }
  switch (*format) {
    case plain::Format::geopackage:
      check_geopackage(object.rendition, pages.get(), content, object.plain_form.companion(),
                       findings);
      break;
    case plain::Format::geotiff:
      check_geotiff(object.rendition, content, object.plain_form.companion(), findings);
      break;
    case plain::Format::csv: check_csv(object.rendition, content, findings); break;
  }
  return findings;
}

wire::Json certificate_item(const CheckedObject& object, const Findings& findings) {
  const Result<plain::Format> format = plain::parse_media_type(object.media_type);
  return wire::JsonObject{{"name", object.name},
                          {"format", format ? plain::to_text(*format) : "unknown"},
                          {"verdict", flow::to_text(findings.verdict())},
                          {"reason", findings.reason()},
                          {"checks", findings.to_json()}};
}

}  // namespace hangu::check
