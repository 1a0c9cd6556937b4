// Areas on the ellipsoid, against PROJ's geodesics.

#include "mosaic/ground_area.hpp"

#include <catch2/catch.hpp>
#include <geodesic.h>

#include "tests/unit/mosaic/town.hpp"

using namespace hangu;
using mosaic::ground_area;

namespace {

/// By C. Karney's geodesics, with edges cut so fine that a geodesic is a straight line in degrees.
double by_geodesics(const mosaic::Ring& ring) {
  geod_geodesic earth;
  geod_init(&earth, 6378137, 1 / 298.257222101);
  geod_polygon polygon;
  geod_polygon_init(&polygon, 0);
  constexpr int kParts = 20'000;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const mosaic::Point& from = ring[i];
    const mosaic::Point& to = ring[(i + 1) % ring.size()];
    for (int part = 0; part < kParts; ++part) {
      const double along = static_cast<double>(part) / kParts;
      geod_polygon_addpoint(&earth, &polygon, from.north + (to.north - from.north) * along,
                            from.east + (to.east - from.east) * along);
    }
  }
  double area = 0;
  double around = 0;
  geod_polygon_compute(&earth, &polygon, 0, 1, &area, &around);
  return std::abs(area);
}

}  // namespace

TEST_CASE("areas are those of another implementation", "[mosaic]") {
  const std::vector<mosaic::Ring> rings{test::box(116.3, 39.9, 116.35, 39.94),
                                        test::box(87, 43, 88, 44),
                                        test::box(100, 0, 103, 40),
                                        {{110, 20}, {118, 31}, {104, 35.5}},
                                        {{-60, -50}, {-59.99, -50.01}, {-60.02, -50.03}}};
  for (const mosaic::Ring& ring : rings)
    CHECK(ground_area(ring) == Approx(by_geodesics(ring)).epsilon(1e-7));
}

TEST_CASE("the whole earth is as large as the standard says, whichever way round", "[mosaic]") {
  // 4 pi R2 squared, R2 = 6371007.1809 m: the authalic radius in GB 22021-2008 and GRS 80.
  const double earth = 4 * 3.14159265358979323846 * 6371007.1809 * 6371007.1809;
  mosaic::Ring all = test::box(-180, -90, 180, 90);
  CHECK(ground_area(all) == Approx(earth).epsilon(1e-9));
  std::ranges::reverse(all);
  CHECK(ground_area(all) == Approx(earth).epsilon(1e-9));
}
