#include "mosaic/footprint.hpp"

#include <algorithm>
#include <cmath>

#include "mosaic/limits.hpp"

namespace hangu::mosaic {
namespace {

constexpr std::size_t kRingPointsMin = 3;
constexpr double kEastMax = 180;
constexpr double kNorthMax = 90;

bool is_on_earth(const Point& point) {  // false for what is no number
  return std::abs(point.east) <= kEastMax && std::abs(point.north) <= kNorthMax;
}

}  // namespace

Result<Footprint> Footprint::create(std::vector<Ring> rings) {
  if (rings.size() > kPolygonsMax) return fail(ErrorCode::exhausted, "footprint-limit", "polygons");
  std::size_t points = 0;
  for (const Ring& ring : rings) {
    points += ring.size();
    if (ring.size() < kRingPointsMin || !std::ranges::all_of(ring, is_on_earth))
      return fail(ErrorCode::malformed, "footprint-invalid");
  }
  if (points > kPointsMax) return fail(ErrorCode::exhausted, "footprint-limit", "points");
  return Footprint(std::move(rings));
}

}  // namespace hangu::mosaic
