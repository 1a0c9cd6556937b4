#include "check/content.hpp"

namespace hangu::check {

Result<Content> read_content(plain::Input plain_form) {
  HANGU_TRY(plain::Reader reader, plain::Reader::open(plain_form));
  Content content;
  content.dataset = reader.dataset();
  while (true) {  // ends: each record takes bytes of a finite file
    HANGU_TRY(const plain::Record record, reader.next());
    if (const auto* const start = std::get_if<plain::LayerStart>(&record)) {
      content.layers.push_back(*start->layer);
      content.features.push_back(0);
    } else if (std::holds_alternative<plain::Feature>(record)) {
      ++content.features.back();
    } else if (const auto* const raster = std::get_if<plain::RasterStart>(&record)) {
      content.raster = *raster->raster;
    } else if (const auto* const trailer = std::get_if<plain::Trailer>(&record)) {
      content.trailer = *trailer;
      return content;
    }
  }
}

Done compare(const plain::Trailer& rendition, const plain::Trailer& plain_form) {
  if (rendition.features != plain_form.features || rendition.tiles != plain_form.tiles) {
    return fail(ErrorCode::malformed, "rendition-count-differs",
                std::to_string(rendition.features) + " features and " +
                    std::to_string(rendition.tiles) + " tiles; plain form has " +
                    std::to_string(plain_form.features) + " and " +
                    std::to_string(plain_form.tiles));
  }
  if (rendition.digest != plain_form.digest) {
    return fail(ErrorCode::malformed, "rendition-content-differs",
                to_hex(rendition.digest) + " is not " + to_hex(plain_form.digest));
  }
  return {};
}

}  // namespace hangu::check
