#include "check/content.hpp"

namespace hangu::check {

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
