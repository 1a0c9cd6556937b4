// Systems without a code, through both writers and past check.

#include "geo/crs.hpp"

#include "made.hpp"
#include "plain/crs_text.hpp"

namespace hangu::check {
namespace {

using plain::CrsMethod;
using plain::CrsNumbers;
using plain::CrsTerm;

constexpr auto kMethods = std::to_array<CrsMethod>(
    {CrsMethod::transverse_mercator, CrsMethod::mercator_1sp, CrsMethod::lambert_conformal_1sp,
     CrsMethod::lambert_conformal_2sp, CrsMethod::lambert_equal_area, CrsMethod::albers,
     CrsMethod::polar_stereographic, CrsMethod::oblique_stereographic});

/// Terms that a projection of this kind may have, each another number.
CrsNumbers projected(CrsMethod method) {
  CrsNumbers numbers{.method = method, .semi_major = 6'378'245.5, .inverse_flattening = 298.25};
  for (const plain::CrsParameter& parameter : plain::crs_parameters(method)) {
    switch (parameter.term) {
      case CrsTerm::latitude: numbers[CrsTerm::latitude] = 30.5; break;
      case CrsTerm::longitude: numbers[CrsTerm::longitude] = 101.25; break;
      case CrsTerm::scale: numbers[CrsTerm::scale] = 0.9997; break;
      case CrsTerm::parallel_1: numbers[CrsTerm::parallel_1] = 25.1; break;
      case CrsTerm::parallel_2: numbers[CrsTerm::parallel_2] = 47.3; break;
      case CrsTerm::easting: numbers[CrsTerm::easting] = 500'000.125; break;
      case CrsTerm::northing: numbers[CrsTerm::northing] = -1'000'000; break;
    }
  }
  if (method == CrsMethod::mercator_1sp) numbers[CrsTerm::latitude] = 0;
  if (method == CrsMethod::polar_stereographic) numbers[CrsTerm::latitude] = -90;
  if (method == CrsMethod::lambert_conformal_1sp) numbers[CrsTerm::latitude] = 33;
  return numbers;
}

CrsNumbers based(CrsNumbers numbers, std::uint32_t code) {
  const plain::CrsBase* const base = plain::crs_base(code);
  REQUIRE(base != nullptr);
  numbers.base = code;
  numbers.semi_major = base->semi_major;
  numbers.inverse_flattening = base->inverse_flattening;
  return numbers;
}

std::vector<CrsNumbers> systems() {
  std::vector<CrsNumbers> out;
  const CrsNumbers geographic{.semi_major = 6'378'200, .inverse_flattening = 299.5};
  out.push_back(geographic);
  for (const CrsMethod method : kMethods) {
    out.push_back(projected(method));
    out.push_back(based(projected(method), 4326));
    out.push_back(based(projected(method), 4490));
  }
  for (const plain::CrsBase& base : plain::crs_bases()) {
    out.push_back(based(projected(CrsMethod::transverse_mercator), base.code));
  }
  for (CrsNumbers numbers : {geographic, projected(CrsMethod::albers)}) {
    numbers.inverse_flattening = 0;
    out.push_back(numbers);
    numbers.inverse_flattening = 298.3;
    numbers.prime_meridian = 2.3372291667;
    out.push_back(numbers);
  }
  // As UTM and Gauss-Krueger have it: a writer may know these by a code.
  CrsNumbers utm = projected(CrsMethod::transverse_mercator);
  utm[CrsTerm::latitude] = 0;
  utm[CrsTerm::longitude] = 117;
  utm[CrsTerm::scale] = 0.9996;
  utm[CrsTerm::easting] = 500'000;
  utm[CrsTerm::northing] = 0;
  out.push_back(utm);
  for (const std::uint32_t code : {4326U, 4269U, 4267U, 4490U, 4258U, 4322U}) {
    if (code != 4326) out.push_back(based(utm, code));
    CrsNumbers zone = utm;
    zone[CrsTerm::scale] = 1;
    out.push_back(based(zone, code));
  }
  return out;
}

plain::Crs crs_of(const CrsNumbers& numbers) {
  const auto text = plain::to_wkt(numbers);
  REQUIRE(text);
  return {plain::Crs::Kind::text, 0, *text};
}

os::UniqueFd one_point(const plain::Crs& crs) {
  return test::plain_form({plain::DatasetKind::vector, 1}, [&](plain::Writer& writer) -> Done {
    plain::Layer layer;
    layer.name = "points";
    layer.geometry = plain::GeometryType::point;
    layer.crs = crs;
    HANGU_CHECK(writer.layer(layer));
    HANGU_TRY([[maybe_unused]] const plain::Shape shape, writer.feature({}, plain::test::point()));
    return {};
  });
}

os::UniqueFd small_raster(const plain::Crs& crs) {
  plain::Raster raster = plain::test::small_raster();
  raster.crs = crs;
  raster.bands = {{plain::Colour::gray, std::nullopt}};
  return plain::test::raster_file(raster);
}

TEST_CASE("every system without a code passes check as GeoPackage and as GeoTIFF", "[check][crs]") {
  for (const CrsNumbers& numbers : systems()) {
    const plain::Crs crs = crs_of(numbers);
    INFO(plain::to_text(crs));
    const os::UniqueFd vector = one_point(crs);
    CHECK(test::verdict_of(test::written(geo::write_geopackage, vector), test::kGpkg, vector) ==
          "pass: ok");
    const os::UniqueFd raster = small_raster(crs);
    CHECK(test::verdict_of(test::written(geo::write_geotiff, raster), test::kTiff, raster) ==
          "pass: ok");
  }
}

TEST_CASE("systems with a code pass as GeoPackage and as GeoTIFF, withdrawn ones too",
          "[check][crs]") {
  // 2600, 4001, 4268 and 2400 are withdrawn; 4807 is in grads from Paris, 2263 in feet.
  for (const std::uint32_t code :
       {4490U, 4547U, 3857U, 32650U, 2600U, 4001U, 4268U, 2400U, 4807U, 2263U, 5070U, 3031U}) {
    INFO(code);
    const plain::Crs crs{plain::Crs::Kind::epsg, code, {}};
    const os::UniqueFd vector = one_point(crs);
    CHECK(test::verdict_of(test::written(geo::write_geopackage, vector), test::kGpkg, vector) ==
          "pass: ok");
    const os::UniqueFd raster = small_raster(crs);
    CHECK(test::verdict_of(test::written(geo::write_geotiff, raster), test::kTiff, raster) ==
          "pass: ok");
  }
}

TEST_CASE("a rendition in a system that differs by one number is refused", "[check][crs]") {
  for (const CrsMethod method : {CrsMethod::transverse_mercator, CrsMethod::albers}) {
    const CrsNumbers right = based(projected(method), 4326);
    std::vector<CrsNumbers> wrong;
    for (const plain::CrsParameter& parameter : plain::crs_parameters(method)) {
      CrsNumbers other = right;
      other[parameter.term] += 0.001;
      wrong.push_back(other);
    }
    wrong.push_back(based(right, 4490));
    wrong.push_back(projected(method));
    const os::UniqueFd vector = one_point(crs_of(right));
    const os::UniqueFd raster = small_raster(crs_of(right));
    for (const CrsNumbers& other : wrong) {
      INFO(plain::crs_summary(other));
      const os::UniqueFd other_vector = one_point(crs_of(other));
      const os::UniqueFd other_raster = small_raster(crs_of(other));
      CHECK(test::verdict_of(test::written(geo::write_geopackage, other_vector), test::kGpkg,
                             vector) != "pass: ok");
      CHECK(test::verdict_of(test::written(geo::write_geotiff, other_raster), test::kTiff,
                             raster) == "fail: rendition-crs-differs");
    }
  }
}

TEST_CASE("the text of a system is read by PROJ as the same numbers", "[check][crs]") {
  test::warm_once();
  for (const CrsNumbers& numbers : systems()) {
    const plain::Crs crs = crs_of(numbers);
    INFO(crs.text);
    const auto again = geo::crs_of_wkt(crs.text);
    INFO((again ? "" : again.error().message()));
    REQUIRE(again);
    CHECK(*again == crs);
  }
}

}  // namespace
}  // namespace hangu::check
