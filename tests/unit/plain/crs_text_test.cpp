// The one text of a system without a code.

#include "plain/crs_text.hpp"

#include <cmath>
#include <limits>

#include "plain/rules.hpp"
#include "samples.hpp"

namespace hangu::plain {
namespace {

using test::reason_of;

CrsNumbers gauss_kruger() {
  CrsNumbers numbers{.method = CrsMethod::transverse_mercator,
                     .base = 4490,
                     .semi_major = 6'378'137,
                     .inverse_flattening = 298.257222101};
  numbers[CrsTerm::longitude] = 101;
  numbers[CrsTerm::scale] = 1;
  numbers[CrsTerm::easting] = 500'000;
  return numbers;
}

TEST_CASE("the numbers of a system come back from its text", "[plain][crs]") {
  const CrsNumbers numbers = gauss_kruger();
  const auto text = to_wkt(numbers);
  REQUIRE(text);
  CHECK(*text ==
        "PROJCRS[\"unknown\",BASEGEOGCRS[\"China Geodetic Coordinate System 2000\","
        "DATUM[\"China 2000\",ELLIPSOID[\"CGCS2000\",6378137,298.257222101,"
        "LENGTHUNIT[\"metre\",1]]],PRIMEM[\"Greenwich\",0,"
        "ANGLEUNIT[\"degree\",0.0174532925199433]],ID[\"EPSG\",4490]],"
        "CONVERSION[\"unknown\",METHOD[\"Transverse Mercator\",ID[\"EPSG\",9807]],"
        "PARAMETER[\"Latitude of natural origin\",0,ANGLEUNIT[\"degree\",0.0174532925199433],"
        "ID[\"EPSG\",8801]],"
        "PARAMETER[\"Longitude of natural origin\",101,ANGLEUNIT[\"degree\",0.0174532925199433],"
        "ID[\"EPSG\",8802]],"
        "PARAMETER[\"Scale factor at natural origin\",1,SCALEUNIT[\"unity\",1],"
        "ID[\"EPSG\",8805]],"
        "PARAMETER[\"False easting\",500000,LENGTHUNIT[\"metre\",1],ID[\"EPSG\",8806]],"
        "PARAMETER[\"False northing\",0,LENGTHUNIT[\"metre\",1],ID[\"EPSG\",8807]]],"
        "CS[Cartesian,2],AXIS[\"easting\",east,ORDER[1]],AXIS[\"northing\",north,ORDER[2]],"
        "LENGTHUNIT[\"metre\",1]]");
  const auto again = read_crs_text(*text);
  REQUIRE(again);
  CHECK(*again == numbers);
  CHECK(crs_summary(numbers) == "tmerc lat_0=0 lon_0=101 k=1 x_0=500000 y_0=0 on EPSG:4490");
  const CrsNumbers sphere{.semi_major = 6'371'000.5, .prime_meridian = -1e-12};
  REQUIRE(to_wkt(sphere));
  CHECK(read_crs_text(*to_wkt(sphere)).value() == sphere);
  CHECK(crs_summary(sphere) == "longlat on a=6371000.5 rf=0 pm=-0.000000000001");
}

TEST_CASE("no byte of the text of a system can be another and mean something", "[plain][crs]") {
  const std::string text = to_wkt(gauss_kruger()).value();
  std::size_t other_numbers = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char c : {'x', '"', ' ', '1', '7', '.'}) {
      std::string changed = text;
      if (changed[at] == c) continue;
      changed[at] = c;
      const auto read = read_crs_text(changed);
      if (!read) continue;
      ++other_numbers;
      CHECK_FALSE(*read == gauss_kruger());
    }
    CHECK(reason_of(read_crs_text(text.substr(0, at))) == "crs-text");
  }
  CHECK(other_numbers > 10);
  CHECK(other_numbers < 60);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return reason_of(read_crs_text(changed));
  };
  CHECK(with(",101,", ",102,") == "ok");
  for (const char* const spelling :
       {",101.0,", ",+101,", ",0101,", ",1.01e2,", ",101.00000000000000001,", ", 101,"}) {
    CHECK(with(",101,", spelling) == "crs-text");
  }
  CHECK(with("PROJCRS[\"unknown\"", "PROJCRS[\"secret\"") == "crs-text");
  CHECK(with("]],CONVERSION", "],ID[\"EPSG\",1]],CONVERSION") == "crs-text");
  CHECK(reason_of(read_crs_text(text + ' ')) == "crs-text");
  CHECK(with("LENGTHUNIT[\"metre\",1]]]", "LENGTHUNIT[\"metre\",1]],REMARK[\"x\"]]") == "crs-text");
}

TEST_CASE("numbers that no system has make no text", "[plain][crs]") {
  const auto with = [](CrsTerm term, double value) {
    CrsNumbers numbers = gauss_kruger();
    numbers[term] = value;
    return reason_of(to_wkt(numbers));
  };
  CHECK(with(CrsTerm::latitude, 90) == "ok");
  CHECK(with(CrsTerm::latitude, 90.1) == "crs-numbers");
  CHECK(with(CrsTerm::longitude, -360) == "ok");
  CHECK(with(CrsTerm::longitude, 361) == "crs-numbers");
  CHECK(with(CrsTerm::longitude, 1e-13) == "crs-numbers");
  CHECK(with(CrsTerm::longitude, -0.0) == "crs-numbers");
  CHECK(with(CrsTerm::longitude, std::nan("")) == "crs-numbers");
  CHECK(with(CrsTerm::scale, 0) == "crs-numbers");
  CHECK(with(CrsTerm::easting, 1e9) == "ok");
  CHECK(with(CrsTerm::easting, std::numeric_limits<double>::infinity()) == "crs-numbers");
  CHECK(with(CrsTerm::parallel_1, 1) == "crs-numbers");  // not a term of this method
  CrsNumbers numbers = gauss_kruger();
  numbers.semi_major += 1;  // not its base's
  CHECK(reason_of(to_wkt(numbers)) == "crs-numbers");
  numbers.base = 0;
  CHECK(reason_of(to_wkt(numbers)) == "ok");
  numbers.inverse_flattening = 0.5;
  CHECK(reason_of(to_wkt(numbers)) == "crs-numbers");
  numbers = gauss_kruger();
  numbers.base = 1;
  CHECK(reason_of(to_wkt(numbers)) == "crs-numbers");
  // A registered geographic system has a code.
  const CrsNumbers geographic{
      .base = 4490, .semi_major = 6'378'137, .inverse_flattening = 298.257222101};
  CHECK(reason_of(to_wkt(geographic)) == "crs-numbers");
}

TEST_CASE("the longest text and summary keep to their bounds", "[plain][crs]") {
  const double longest = -12.345678901234567;
  for (const CrsMethod method : {CrsMethod::albers, CrsMethod::lambert_conformal_2sp}) {
    CrsNumbers numbers{.method = method,
                       .semi_major = 6'378'137.123456789,
                       .inverse_flattening = 298.25722210112345,
                       .prime_meridian = longest};
    for (const CrsParameter& parameter : crs_parameters(method)) numbers[parameter.term] = longest;
    const auto text = to_wkt(numbers);
    REQUIRE(text);
    CHECK(text->size() + 300 < kCrsTextBytesMax);
    CHECK(crs_summary(numbers).size() + 100 < kCrsSummaryBytesMax);
  }
}

TEST_CASE("plain form takes a system without a code only in its one text", "[plain][rules][crs]") {
  const auto rule = [](const std::string& text) {
    Rules rules;
    REQUIRE(rules.dataset({DatasetKind::vector, 1}));
    Layer layer;
    layer.name = "l";
    layer.geometry = GeometryType::point;
    layer.crs = {Crs::Kind::text, 0, text};
    return reason_of(rules.layer(layer));
  };
  const std::string text = to_wkt(gauss_kruger()).value();
  CHECK(rule(text) == "ok");
  CHECK(to_text(Crs{Crs::Kind::text, 0, text}) == crs_summary(gauss_kruger()));
  CHECK(rule("") == "plain-schema");
  CHECK(rule(text.substr(0, text.size() - 1) + ",REMARK[\"secret\"]]") == "plain-schema");
  CHECK(to_text(Crs{Crs::Kind::text, 0, "anything"}) == "text");
}

}  // namespace
}  // namespace hangu::plain
