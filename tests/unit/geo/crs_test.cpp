// Coordinate reference systems of senders: what is kept of them, and what is not.

#include "geo/crs.hpp"

#include "plain/crs_text.hpp"
#include "tests/unit/geo/conversions.hpp"

namespace hangu::geo {
namespace {

constexpr std::string_view kMark = "PLANTED";

/// What a definition becomes, as people see it, or why it is refused.
std::string seen(const std::string& wkt) {
  test::warm_once();
  const auto crs = crs_of_wkt(wkt);
  if (!crs) return std::string(crs.error().reason());
  CHECK(crs->text.find(kMark) == std::string::npos);
  const auto texts = crs_texts(*crs);
  REQUIRE(texts);
  for (const std::string& text : {texts->name, texts->wkt1, texts->wkt2}) {
    CHECK(text.find(kMark) == std::string::npos);
  }
  return plain::to_text(*crs);
}

const std::string kDatum =
    "DATUM[\"World Geodetic System 1984\",ELLIPSOID[\"WGS 84\",6378137,298.257223563]]";
const std::string kAxes =
    "CS[ellipsoidal,2],AXIS[\"latitude\",north],AXIS[\"longitude\",east],"
    "ANGLEUNIT[\"degree\",0.0174532925199433]";

std::string with_remarks(const std::string& id = {}) {
  std::string remark;
  for (int i = 0; i < 900; ++i) remark += std::string(kMark) + " secret text ";
  return "GEOGCRS[\"WGS 84\"," + kDatum + "," + kAxes + ",SCOPE[\"PLANTED\"],AREA[\"PLANTED\"]," +
         "BBOX[1,2,3,4]," + id + "REMARK[\"" + remark + "\"]]";
}

/// A Transverse Mercator in WKT 1 with these pieces in it.
std::string mercator(const std::string& name, const std::string& geographic,
                     const std::string& tail = {}, const std::string& meridian = "101") {
  return "PROJCS[\"" + name + "\"," + geographic + ",PROJECTION[\"Transverse_Mercator\"]," +
         "PARAMETER[\"latitude_of_origin\",0],PARAMETER[\"central_meridian\"," + meridian +
         "],PARAMETER[\"scale_factor\",1],PARAMETER[\"false_easting\",500000]," +
         "PARAMETER[\"false_northing\",0],UNIT[\"metre\",1]" + tail + "]";
}

std::string geographic(const std::string& datum, const std::string& spheroid,
                       const std::string& numbers, const std::string& tail = {}) {
  return "GEOGCS[\"PLANTED\",DATUM[\"" + datum + "\",SPHEROID[\"" + spheroid + "\"," + numbers +
         "]" + tail + "],PRIMEM[\"Greenwich\",0],UNIT[\"degree\",0.0174532925199433]]";
}

TEST_CASE("remarks, scopes, areas and names of a system do not cross", "[geo][crs]") {
  CHECK(seen(with_remarks()) == "EPSG:4326");
  CHECK(seen(with_remarks("ID[\"EPSG\",4326],")) == "EPSG:4326");
  CHECK(seen(geographic("PLANTED", "PLANTED", "6378137,298.25")) ==
        "longlat on a=6378137 rf=298.25 pm=0");
  CHECK(seen(mercator("PLANTED", geographic("PLANTED", "PLANTED", "6378137,298.25"))) ==
        "tmerc lat_0=0 lon_0=101 k=1 x_0=500000 y_0=0 on a=6378137 rf=298.25 pm=0");
  CHECK(seen(mercator("PLANTED\nPLANTED \"\" x", geographic("PLANTED", "P", "6378137,0"))) ==
        "tmerc lat_0=0 lon_0=101 k=1 x_0=500000 y_0=0 on a=6378137 rf=0 pm=0");
  CHECK(seen(mercator("x", geographic("WGS_1984", "WGS 84", "6378137,298.257223563"),
                      ",EXTENSION[\"PROJ4\",\"+proj=tmerc +lon_0=101 +x_0=500000 +PLANTED\"],"
                      "AUTHORITY[\"PLANTED\",\"1\"]")) ==
        "tmerc lat_0=0 lon_0=101 k=1 x_0=500000 y_0=0 on EPSG:4326");
}

TEST_CASE("the datum of a system without a code is kept when it is a registered one",
          "[geo][crs]") {
  const auto on = [](const char* datum, const char* numbers) {
    const std::string text = seen(mercator("x", geographic(datum, "x", numbers)));
    return text.substr(text.find(" on ") + 4);
  };
  CHECK(on("WGS_1984", "6378137,298.257223563") == "EPSG:4326");
  CHECK(on("China_2000", "6378137,298.257222101") == "EPSG:4490");
  CHECK(on("Beijing_1954", "6378245,298.3") == "EPSG:4214");
  CHECK(on("Xian_1980", "6378140,298.257") == "EPSG:4610");
  CHECK(on("North_American_Datum_1927", "6378206.4,294.9786982138982") == "EPSG:4267");
  // A registered name over other numbers is not that system.
  CHECK(on("WGS_1984", "6378137,298.3") == "a=6378137 rf=298.3 pm=0");
}

TEST_CASE("a way to WGS 84 is no part of a system", "[geo][crs]") {
  CHECK(seen(mercator(
            "x", geographic("PLANTED", "x", "6378245,298.3", ",TOWGS84[1,2,3,0.1,0.2,0.3,4]"))) ==
        "tmerc lat_0=0 lon_0=101 k=1 x_0=500000 y_0=0 on a=6378245 rf=298.3 pm=0");
  CHECK(seen("GEOGCS[\"Beijing 1954\",DATUM[\"Beijing_1954\",SPHEROID[\"Krassowsky 1940\","
             "6378245,298.3],TOWGS84[15.8,-154.4,-82.3,0,0,0,0]],PRIMEM[\"Greenwich\",0],"
             "UNIT[\"degree\",0.0174532925199433],AUTHORITY[\"EPSG\",\"4214\"]]") == "EPSG:4214");
}

TEST_CASE("UTM on WGS 84 is its code, and what is almost UTM is no GeoTIFF", "[geo][crs]") {
  const std::string wgs84 = geographic("WGS_1984", "WGS 84", "6378137,298.257223563");
  const auto utm = [&](const std::string& meridian, const std::string& northing) {
    std::string text = mercator("x", wgs84, {}, meridian);
    text.replace(text.find("scale_factor\",1"), 15, "scale_factor\",0.9996");
    text.replace(text.find("false_northing\",0"), 17, "false_northing\"," + northing);
    return text;
  };
  CHECK(seen(utm("117", "0")) == "EPSG:32650");
  CHECK(seen(utm("-177", "10000000")) == "EPSG:32701");
  CHECK(seen(utm("177", "0")) == "EPSG:32660");
  const auto exact = crs_of_wkt(mercator("x", wgs84, {}, "117"));
  REQUIRE(exact);
  CHECK(check_for_geotiff(*exact));
  const auto almost = crs_of_wkt(utm("117.00001", "0"));
  REQUIRE(almost);
  CHECK(almost->kind == plain::Crs::Kind::text);
  CHECK(test::reason_of(check_for_geotiff(*almost)) == "crs-not-supported");
}

TEST_CASE("a code that GeoTIFF keys cannot say is refused for an image", "[geo][crs]") {
  test::warm_once();
  for (const int code : {4547, 4490, 3857, 2600}) {
    INFO(code);
    CHECK(check_for_geotiff(crs_of_epsg(code).value()));
  }
  // Three axes, a compound system, a vertical one, a method without words, a code over 16 bits.
  for (const int code : {4979, 7415, 3855, 4978, 6247, 8857, 900913}) {
    INFO(code);
    CHECK(test::reason_of(check_for_geotiff(crs_of_epsg(code).value())) == "crs-not-supported");
  }
}

TEST_CASE("systems that have no words here are refused", "[geo][crs]") {
  const std::string wgs84 = geographic("WGS_1984", "WGS 84", "6378137,298.257223563");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = mercator("x", wgs84);
    text.replace(text.find(from), from.size(), to);
    return seen(text);
  };
  CHECK(with("UNIT[\"metre\",1]", "UNIT[\"foot\",0.3048]") == "crs-not-supported");
  CHECK(with("Transverse_Mercator", "PLANTED") == "crs-not-supported");
  CHECK(with("Transverse_Mercator", "Cassini_Soldner") == "crs-not-supported");
  CHECK(with("\"scale_factor\",1", "\"scale_factor\",0") == "crs-not-supported");
  CHECK(with("UNIT[\"metre\",1]", "UNIT[\"metre\",1],AXIS[\"x\",WEST],AXIS[\"y\",SOUTH]") ==
        "crs-not-supported");
  CHECK(seen("LOCAL_CS[\"PLANTED\",UNIT[\"PLANTED\",1]]") == "crs-not-supported");
  CHECK(seen("ENGCRS[\"PLANTED\",EDATUM[\"PLANTED\"],CS[Cartesian,2],AXIS[\"(E)\",east],"
             "AXIS[\"(N)\",north],LENGTHUNIT[\"metre\",1]]") == "crs-not-supported");
  CHECK(seen("COMPD_CS[\"x\"," + wgs84 +
             ",VERT_CS[\"y\",VERT_DATUM[\"z\",2005],UNIT[\"metre\",1]]]") == "crs-not-supported");
  CHECK(seen("EPSG:4326") == "crs-not-supported");
  CHECK(seen("") == "crs-not-supported");
  CHECK(seen(std::string(33 * 1024, '[')) == "crs-not-supported");
}

TEST_CASE("an image may be in a projection without a code, and in no system of three axes",
          "[geo][crs][tiff]") {
  test::warm_once();
  const test::ScratchFolder scratch;
  const std::string image = scratch / "image.tif";
  const auto in = [&](const char* system) {
    std::filesystem::remove(image);
    test::output_of("gdal_translate -q -a_srs '" + std::string(system) + "' -a_ullr 0 50 50 0 '" +
                    test::data_path("elev.tif") + "' '" + image + "'");
    const os::UniqueFd input = test::open_input(image);
    const os::UniqueFd output = test::open_output(scratch / "plain");
    const auto read = read_geotiff(input.view(), output.view());
    if (!read) return std::string(read.error().reason());
    auto reader = plain::Reader::open(output.view());
    REQUIRE(reader);
    const auto record = reader->next();
    REQUIRE(record);
    return plain::to_text(std::get<plain::RasterStart>(*record).raster->crs);
  };
  CHECK(in("+proj=tmerc +lon_0=101 +x_0=500000 +datum=WGS84 +units=m") ==
        "tmerc lat_0=0 lon_0=101 k=1 x_0=500000 y_0=0 on EPSG:4326");
  CHECK(in("+proj=lcc +lat_1=30 +lat_2=62 +lon_0=105 +datum=WGS84 +units=m") ==
        "lcc lat_0=0 lon_0=105 lat_1=30 lat_2=62 x_0=0 y_0=0 on EPSG:4326");
  CHECK(in("+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=krass +units=m") ==
        "aea lat_0=0 lon_0=105 lat_1=25 lat_2=47 x_0=0 y_0=0 on a=6378245 rf=298.3 pm=0");
  CHECK(in("+proj=laea +lat_0=45 +lon_0=100 +datum=WGS84 +units=m") ==
        "laea lat_0=45 lon_0=100 x_0=0 y_0=0 on EPSG:4326");
  CHECK(in("EPSG:4547") == "EPSG:4547");
  CHECK(in("EPSG:4979") == "crs-not-supported");
  CHECK(in("EPSG:32650+3855") == "crs-not-supported");
  CHECK(in("+proj=robin +datum=WGS84 +units=m") == "crs-not-supported");
}

}  // namespace
}  // namespace hangu::geo
