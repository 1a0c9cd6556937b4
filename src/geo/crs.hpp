#pragma once
// Coordinate reference systems through OGR and PROJ: what a file says, as plain form says it, and
// what plain form says, as files want it.

#include <optional>
#include <string>

#include "plain/facts.hpp"
#include "plain/schema.hpp"

class OGRSpatialReference;

namespace hangu::geo {

/// A system that has an EPSG code and equals what PROJ knows by that code becomes the code; so does
/// a geographic one of plain::crs_bases(). Any other becomes the text of its numbers
/// (plain/crs_text.hpp): names, remarks, areas, extensions and ways to WGS 84 are left behind.
/// Errors: Malformed "crs-not-supported" (such text has no words for it).
[[nodiscard]] Result<plain::Crs> crs_of(const OGRSpatialReference& system);
/// The system of an EPSG code. Errors: Malformed "crs-not-supported" (PROJ does not know it).
[[nodiscard]] Result<plain::Crs> crs_of_epsg(std::int64_t code);
/// The system of a WKT text (1 or 2). Errors: Malformed "crs-not-supported".
[[nodiscard]] Result<plain::Crs> crs_of_wkt(const std::string& wkt);

/// Fills `system`, axes in the order east, north. `crs` is not none.
[[nodiscard]] Done load_crs(const plain::Crs& crs, OGRSpatialReference& system);

/// Errors: Malformed "crs-not-supported" when `crs` is no system of two axes, geographic or
/// projected, has a code or method that GeoTIFF keys cannot say, or is almost a zone of UTM.
[[nodiscard]] Done check_for_geotiff(const plain::Crs& crs);

/// The texts that a GeoPackage wants.
struct CrsTexts {
  std::string name;
  std::string wkt1;  ///< OGC 01-009; "undefined" when it cannot be said
  std::string wkt2;
};
[[nodiscard]] Result<CrsTexts> crs_texts(const plain::Crs& crs);

/// The unit of a system, for facts; nothing when there is none or it cannot be told.
[[nodiscard]] std::optional<plain::CrsUnit> unit_of(const plain::Crs& crs);

}  // namespace hangu::geo
