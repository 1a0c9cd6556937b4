// The ledger against evaluators that are slow and obvious: counting cells, and one union of all.

#include <algorithm>
#include <random>
#include <set>

#include <geos_c.h>

#include "mosaic/ground_area.hpp"
#include "tests/unit/mosaic/town.hpp"

using namespace hangu;
using test::box;
using test::Town;

namespace {

/// Cells of a thousandth of a degree on the equator: 110.6 m, so that what is a cell apart is not
/// contiguous, and what touches at a corner is.
constexpr int kSide = 48;
constexpr double kCell = 0.001;
constexpr double kWest = 116;

struct CellTown {
  std::set<std::pair<int, int>> covered{};

  void cover(int x0, int y0, int x1, int y1) {
    for (int x = x0; x < x1; ++x)
      for (int y = y0; y < y1; ++y) covered.emplace(x, y);
  }
  /// Square metres of the cells that hang together with the one at x, y.
  double around(int x, int y) const {
    std::vector<std::pair<int, int>> waiting{{x, y}};
    auto left = covered;
    left.erase({x, y});
    double area = 0;
    while (!waiting.empty()) {
      const auto [column, row] = waiting.back();
      waiting.pop_back();
      area += mosaic::ground_area(box(kWest + column * kCell, row * kCell,
                                      kWest + (column + 1) * kCell, (row + 1) * kCell));
      for (int i = column - 1; i <= column + 1; ++i)
        for (int j = row - 1; j <= row + 1; ++j)
          if (left.erase({i, j}) > 0) waiting.emplace_back(i, j);
    }
    return area;
  }
};

/// Square metres that some polygons cover together, by one union of all of them.
double union_of(const std::vector<mosaic::Ring>& rings) {
  GEOSContextHandle_t geos = GEOS_init_r();
  std::vector<GEOSGeometry*> all;
  for (const mosaic::Ring& ring : rings) {
    GEOSCoordSequence* points =
        GEOSCoordSeq_create_r(geos, static_cast<unsigned>(ring.size() + 1), 2);
    for (std::size_t i = 0; i <= ring.size(); ++i)
      GEOSCoordSeq_setXY_r(geos, points, static_cast<unsigned>(i), ring[i % ring.size()].east,
                           ring[i % ring.size()].north);
    all.push_back(
        GEOSGeom_createPolygon_r(geos, GEOSGeom_createLinearRing_r(geos, points), nullptr, 0));
  }
  GEOSGeometry* const together = GEOSGeom_createCollection_r(geos, GEOS_MULTIPOLYGON, all.data(),
                                                             static_cast<unsigned>(all.size()));
  GEOSGeometry* const merged = GEOSUnaryUnion_r(geos, together);
  double area = 0;
  const auto add = [&](const GEOSGeometry* ring, double sign) {
    const GEOSCoordSequence* const points = GEOSGeom_getCoordSeq_r(geos, ring);
    unsigned count = 0;
    GEOSCoordSeq_getSize_r(geos, points, &count);
    mosaic::Ring line(count);
    for (unsigned i = 0; i < count; ++i)
      GEOSCoordSeq_getXY_r(geos, points, i, &line[i].east, &line[i].north);
    area += sign * mosaic::ground_area(line);
  };
  for (int i = 0; i < GEOSGetNumGeometries_r(geos, merged); ++i) {
    const GEOSGeometry* const part = GEOSGetGeometryN_r(geos, merged, i);
    add(GEOSGetExteriorRing_r(geos, part), 1);
    for (int hole = 0; hole < GEOSGetNumInteriorRings_r(geos, part); ++hole)
      add(GEOSGetInteriorRingN_r(geos, part, hole), -1);
  }
  GEOSGeom_destroy_r(geos, merged);
  GEOSGeom_destroy_r(geos, together);
  GEOS_finish_r(geos);
  return area;
}

}  // namespace

TEST_CASE("random rectangles hang together as counting cells says", "[mosaic]") {
  const unsigned seed = GENERATE(1U, 2U, 3U, 4U, 5U, 6U);
  INFO("seed " << seed);
  std::mt19937 random(seed);
  Town town;
  CellTown cells;
  for (int i = 0; i < 150; ++i) {
    const int x0 = static_cast<int>(random() % (kSide - 6));
    const int y0 = static_cast<int>(random() % (kSide - 6));
    const int x1 = x0 + 1 + static_cast<int>(random() % 6);
    const int y1 = y0 + 1 + static_cast<int>(random() % 6);
    auto with = cells;
    with.cover(x0, y0, x1, y1);
    const double expected = with.around(x0, y0);
    // A random limit: what does not fit must leave no trace.
    const std::uint64_t limit = 1 + random() % 24;
    const mosaic::Reserved reserved =
        town.enter({box(kWest + x0 * kCell, y0 * kCell, kWest + x1 * kCell, y1 * kCell)}, limit);
    INFO("rectangle " << i);
    CHECK(static_cast<double>(reserved.square_metres) == Approx(expected).margin(3));
    CHECK(reserved.fits == (expected <= static_cast<double>(limit) * 1e6));
    if (reserved.fits) cells = with;
  }
}

TEST_CASE("random triangles about one point cover what one union of all says", "[mosaic]") {
  const unsigned seed = GENERATE(11U, 12U, 13U);
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto chance = [&] { return static_cast<double>(random()) / std::mt19937::max(); };
  Town town;
  std::vector<mosaic::Ring> rings;
  for (int i = 0; i < 60; ++i) {
    const double turn = chance() * 6.28;
    mosaic::Ring ring{{116, 39}};
    for (const double more : {0.2 + chance() / 2, 0.9 + chance() / 2})
      ring.push_back({116 + std::cos(turn + more) * (0.01 + chance() / 20),
                      39 + std::sin(turn + more) * (0.01 + chance() / 20)});
    rings.push_back(ring);
    const double entered = town.area({ring}) * 1e6;
    // A grid of a centimetre, on edges of some kilometres.
    CHECK(entered == Approx(union_of(rings)).epsilon(1e-4));
  }
}
