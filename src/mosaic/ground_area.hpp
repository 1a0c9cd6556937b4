#pragma once
// Ground area: square metres of a polygon on the ellipsoid.

#include <span>

#include "mosaic/footprint.hpp"

namespace hangu::mosaic {

/// The area inside a ring whose edges are straight in degrees, on the ellipsoid of CGCS2000; never
/// negative. Exact to about 1 part in 10^9. Thread: any.
/// Source: J. P. Snyder, Map Projections: A Working Manual (USGS PP 1395), eq. 3-12: the zone
/// between the equator and a latitude, integrated along each edge.
[[nodiscard]] double ground_area(std::span<const Point> ring);

}  // namespace hangu::mosaic
