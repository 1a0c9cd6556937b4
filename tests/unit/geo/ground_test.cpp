// Where boxes of coordinate reference systems lie, against PROJ's own command line.

#include "geo/ground.hpp"

#include <algorithm>
#include <cmath>

#include <catch2/catch.hpp>

#include "geo/crs.hpp"
#include "geo/gdal_session.hpp"

using namespace hangu;
using geo::ground_of;

namespace {

plain::Crs epsg(std::uint32_t code) { return {plain::Crs::Kind::epsg, code, {}}; }

bool is_inside(const plain::GroundRing& ring, double x, double y) {
  bool inside = false;
  const std::size_t n = ring.size() / 2;
  for (std::size_t i = 0, j = n - 1; i < n; j = i++) {
    const double xi = ring[2 * i];
    const double yi = ring[2 * i + 1];
    const double xj = ring[2 * j];
    const double yj = ring[2 * j + 1];
    if ((yi > y) != (yj > y) && x < (xj - xi) * (y - yi) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

}  // namespace

TEST_CASE("a box in degrees is its own ground, and a centimetre more", "[geo][ground]") {
  for (const std::uint32_t code : {4490U, 4326U}) {
    const auto ring = ground_of(epsg(code), {116, 39, 116.5, 39.25});
    REQUIRE(ring);
    REQUIRE(ring->size() == 8);
    CHECK(ring->at(0) == Approx(116).margin(2e-7));
    CHECK(ring->at(0) < 116);
    CHECK(ring->at(5) > 39.25);
    CHECK(ring->at(5) == Approx(39.25).margin(2e-7));
  }
  CHECK(ground_of(epsg(4490), {116, 39, 116, 39}));  // a point is not empty
  CHECK(ground_of(epsg(4490), {-180, -90, 180, 90}));
  CHECK_FALSE(ground_of(epsg(4490), {179, 0, 180.5, 1}));
  CHECK_FALSE(ground_of(epsg(4490), {0, 89, 1, 90.5}));
}

TEST_CASE("a projected box lies where PROJ says, and all of its edges are within",
          "[geo][ground]") {
  // echo 500000 4427757 | gdaltransform -s_srs EPSG:4547 -t_srs EPSG:4490
  const plain::Box box{500'000, 4'427'757, 600'000, 4'527'757};
  const auto ring = ground_of(epsg(4547), box);
  REQUIRE(ring);
  CHECK(ring->at(0) == Approx(114).margin(1.5e-3));
  CHECK(ring->at(0) < 114);
  CHECK(ring->at(1) == Approx(39.9840407209651).margin(1.5e-3));
  CHECK(ring->at(1) < 39.9840407209651);
  // The corner across: 600000 4527757.
  const std::size_t across = geo::kGroundSteps * 2 * 2;
  CHECK(ring->at(across) == Approx(115.186374955728).margin(1.5e-3));
  CHECK(ring->at(across) > 115.186374955728);
  CHECK(ring->at(across + 1) > 40.8784909911414);
  CHECK(ring->size() == static_cast<std::size_t>(geo::kGroundSteps) * 4 * 2);
  // A small box anywhere along an edge lies within what is said of the large one.
  for (int i = 0; i <= 50; ++i) {
    const double along = i * 100'000.0 / 50;
    for (const auto& [x, y] :
         {std::pair{500'000 + along, 4'427'757.0}, std::pair{500'000 + along, 4'527'757.0},
          std::pair{500'000.0, 4'427'757 + along}, std::pair{600'000.0, 4'427'757 + along}}) {
      const auto point = ground_of(epsg(4547), {x, y, x, y});
      REQUIRE(point);
      double east = 0;
      double north = 0;
      for (std::size_t k = 0; k < point->size(); k += 2) {
        east += point->at(k) * 2 / static_cast<double>(point->size());
        north += point->at(k + 1) * 2 / static_cast<double>(point->size());
      }
      INFO(x << " " << y);
      CHECK(is_inside(*ring, east, north));
    }
  }
}

TEST_CASE("what cannot be placed to within a metre has no ground", "[geo][ground]") {
  const geo::GdalErrors quiet;
  const plain::Box sheet{500'000, 4'000'000, 505'000, 4'005'000};
  CHECK(ground_of(epsg(32650), sheet));
  CHECK_FALSE(ground_of(epsg(2437), sheet));                          // Beijing 1954
  CHECK_FALSE(ground_of(epsg(2383), sheet));                          // Xi'an 1980
  CHECK_FALSE(ground_of({}, sheet));                                  // none known
  CHECK_FALSE(ground_of(epsg(999'998), sheet));                       // no such system
  CHECK_FALSE(ground_of(epsg(3857), {0, 14e6, 1e5, 14.1e6}));         // 77 degrees north
  CHECK_FALSE(ground_of(epsg(3857), {0, 0, 2.1e6, 1e5}));             // too long
  CHECK_FALSE(ground_of(epsg(32650), {5e8, 4e6, 5.0001e8, 4.01e6}));  // off the earth
  CHECK_FALSE(ground_of(epsg(32650), {5e5, 4e6, std::nan(""), 4.01e6}));
}

TEST_CASE("a system without a code stands where its numbers say", "[geo][ground]") {
  const auto crs = geo::crs_of_wkt(
      "PROJCS[\"local\",GEOGCS[\"China Geodetic Coordinate System 2000\",DATUM[\"China_2000\","
      "SPHEROID[\"CGCS2000\",6378137,298.257222101]],PRIMEM[\"Greenwich\",0],UNIT[\"degree\","
      "0.0174532925199433],AUTHORITY[\"EPSG\",\"4490\"]],PROJECTION[\"Transverse_Mercator\"],"
      "PARAMETER[\"latitude_of_origin\",0],PARAMETER[\"central_meridian\",101],"
      "PARAMETER[\"scale_factor\",1],PARAMETER[\"false_easting\",500000],"
      "PARAMETER[\"false_northing\",0],UNIT[\"metre\",1]]");
  REQUIRE(crs);
  REQUIRE(crs->kind == plain::Crs::Kind::text);
  const auto ring = ground_of(*crs, {500'000, 3'000'000, 501'000, 3'001'000});
  REQUIRE(ring);
  CHECK(ring->at(0) == Approx(101).margin(1e-5));
}
