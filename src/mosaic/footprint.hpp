#pragma once
// Footprint: the ground that a release covers, as polygons in EPSG:4490 (CGCS2000), degrees, east
// and north. Their edges are straight in degrees.

#include <span>
#include <vector>

#include "base/result.hpp"

namespace hangu::mosaic {

struct Point {
  double east = 0;   ///< degrees, -180..180
  double north = 0;  ///< degrees, -90..90
  bool operator==(const Point&) const = default;
};

/// A polygon's outer ring; closed or not, either way round. Polygons have no holes: a footprint may
/// cover more than the data, never less.
using Ring = std::vector<Point>;

class Footprint {
 public:
  /// Polygons may overlap. None at all: nothing is covered.
  /// Errors: Malformed "footprint-invalid" (a coordinate that is out of range or no number, fewer
  /// than three points in a ring); Exhausted "footprint-limit" (kPolygonsMax, kPointsMax). Whether
  /// rings cross themselves the ledger sees.
  [[nodiscard]] static Result<Footprint> create(std::vector<Ring> rings);
  [[nodiscard]] std::span<const Ring> rings() const { return rings_; }

 private:
  explicit Footprint(std::vector<Ring> rings) : rings_(std::move(rings)) {}
  std::vector<Ring> rings_;
};

}  // namespace hangu::mosaic
