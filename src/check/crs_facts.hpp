#pragma once
// CrsFacts: the numbers that make a coordinate reference system without a code, read from WKT (1 or
// 2) or from GeoKeys by own code, so that what a writer put down can be compared with what plain
// form says. A handful of projections; others are not comparable, which is never a pass.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "check/tiff_walker.hpp"

namespace hangu::check {

enum class Projection : std::uint8_t {
  none,  ///< geographic
  transverse_mercator,
  mercator_1sp,
  lambert_conformal_1sp,
  lambert_conformal_2sp,
  lambert_equal_area,
  albers,
  polar_stereographic,
  oblique_stereographic,
};

enum class ProjectionTerm : std::uint8_t {
  latitude_of_origin,
  longitude_of_origin,
  scale,
  false_easting,
  false_northing,
  parallel_1,
  parallel_2,
};
inline constexpr std::size_t kProjectionTerms = 7;

struct CrsFacts {
  Projection projection = Projection::none;
  std::uint32_t base = 0;         ///< EPSG code under a projection, or 0
  double semi_major = 0;          ///< metres
  double inverse_flattening = 0;  ///< 0 for a sphere
  double prime_meridian = 0;      ///< degrees from Greenwich
  std::array<std::optional<double>, kProjectionTerms> terms;  ///< degrees, metres

  /// Equal to within a unit in the last digits that decimal text keeps.
  [[nodiscard]] bool agrees_with(const CrsFacts& other) const;
};

/// Errors: Malformed "crs-text"; Exhausted "crs-not-comparable" (a projection, parameter or unit
/// that is not on the list), "crs-limit". Thread: any. Source: OGC 18-010r11; OGC 01-009.
[[nodiscard]] Result<CrsFacts> read_wkt(std::string_view text);

/// Facts of user-defined GeoKeys. Errors: Malformed "tiff-geo-keys"; Exhausted
/// "crs-not-comparable". Source: OGC 19-008r4.
[[nodiscard]] Result<CrsFacts> read_geo_keys(const Tiff& tiff);

/// Checks that the GeoKeys of `tiff` say `crs`, and nothing that is not on the list of keys.
/// Errors: Malformed "rendition-crs-differs", "tiff-geo-keys"; those of the two above.
[[nodiscard]] Done check_tiff_crs(const Tiff& tiff, const plain::Crs& crs);

}  // namespace hangu::check
