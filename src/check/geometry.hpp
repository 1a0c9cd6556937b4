#pragma once
// Geometries in GeoPackage blobs, walked by code of check's own: header, envelope, and the box of
// the coordinates, which must say the same.

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "plain/schema.hpp"

namespace hangu::check {

/// A geometry column's value.
struct GeometryBlob {
  ByteView wkb;                   ///< ISO WKB, little-endian
  std::optional<plain::Box> box;  ///< of x and y; nothing for an empty geometry
};

/// Reads a blob as the rendition must have it: version 0, little-endian, an envelope of x and y
/// for all but points and empty geometries, equal to the coordinates' box bit by bit.
/// Errors: Malformed "geometry-blob" (header, flags), "geometry-srs" (another than `srs_id`),
/// "geometry-wkb" (structure), "geometry-envelope"; Exhausted "geometry-limit".
/// Source: OGC 12-128r18, 2.1.3; OGC 06-103r4, 8.2.
[[nodiscard]] Result<GeometryBlob> read_geometry_blob(ByteView blob, std::int32_t srs_id);

}  // namespace hangu::check
