#pragma once
// The header that GeoPackage puts before each geometry (OGC 12-128r18, clause 2.1.3).

#include <array>

#include "base/bytes.hpp"
#include "plain/schema.hpp"

namespace hangu::geo {

struct GeopackageBlob {
  std::int32_t srs_id = 0;
  ByteView wkb;
};
/// Errors: Malformed "geometry-malformed", "geometry-type-not-supported" (extended types).
[[nodiscard]] Result<GeopackageBlob> parse_blob(ByteView blob);

/// Header of at most 40 bytes.
struct BlobHeader {
  std::array<std::byte, 40> bytes{};
  std::size_t size = 0;
  [[nodiscard]] ByteView view() const { return ByteView(bytes).first(size); }
};
/// Little-endian; with an envelope of x and y unless the shape is a point or empty.
[[nodiscard]] BlobHeader blob_header(std::int32_t srs_id, const plain::Shape& shape);

}  // namespace hangu::geo
