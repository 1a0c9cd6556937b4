#include <cmath>
#include <cstring>

#include <sqlite3.h>

#include "check/geometry.hpp"
#include "check/sqlite_walker.hpp"
#include "tests/unit/check/made.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::check {
namespace {

using plain::FieldType;
using plain::Value;
using test::kGpkg;
using test::verdict_of;

constexpr std::int64_t kManyFeatures = 700;  // more than one node of the R-tree has entries

/// A layer of points with every kind of value, and a table of rows; what tests change stands here.
struct Sample {
  std::int64_t points = 5;
  double x = 116.25;
  double step = 0.5;
  std::string name = "井";
  std::uint32_t crs = 4490;
  std::uint32_t width = 9;
  std::uint32_t count_bits = 32;
  std::uint32_t fid_bits = 8;
  bool swapped = false;
  bool rows = true;
  std::string field = "name";
  std::string row = "value";

  [[nodiscard]] os::UniqueFd plain_form() const {
    const plain::Dataset dataset{plain::DatasetKind::vector, rows ? 2U : 1U};
    return test::plain_form(dataset, [this](plain::Writer& writer) { return write(writer); });
  }
  [[nodiscard]] Bytes rendition() const {
    return test::written(geo::write_geopackage, plain_form());
  }

  [[nodiscard]] Done write(plain::Writer& writer) const {
    plain::Layer layer;
    layer.name = "wells \"1\"";
    layer.geometry = plain::GeometryType::point;
    layer.crs = {plain::Crs::Kind::epsg, crs, {}};
    layer.fields = {{field, FieldType::text, width, false},
                    {"depth", FieldType::real, 0, true},
                    {"count", FieldType::integer, count_bits, true},
                    {"dug", FieldType::date, 0, true},
                    {"seen", FieldType::date_time, 0, true},
                    {"dry", FieldType::boolean, 0, true},
                    {"core", FieldType::binary, 0, true},
                    {"fid", FieldType::integer, fid_bits, true}};
    HANGU_CHECK(writer.layer(layer));
    const Bytes core{std::byte{0}, std::byte{0xff}};
    for (std::int64_t i = 0; i < points; ++i) {
      const std::int64_t n = swapped && i < 2 ? 1 - i : i;
      const std::string text = name + std::to_string(n);
      const std::vector<Value> values{std::string_view(text),
                                      n == 1 ? Value() : Value(static_cast<double>(n) * 0.75),
                                      n * 300'007,
                                      plain::Date{18262 + static_cast<std::int32_t>(n)},
                                      plain::DateTime{1'566'000'000'123 + n},
                                      n % 2 == 0,
                                      plain::Binary{core},
                                      Value()};
      const Bytes geometry =
          point(x + step * static_cast<double>(n), 39.5 - static_cast<double>(n % 30));
      // The fourth has no geometry.
      HANGU_TRY([[maybe_unused]] const plain::Shape shape,
                writer.feature(values, n == 3 ? ByteView() : ByteView(geometry)));
    }
    if (!rows) return {};
    plain::Layer table;
    table.name = "rows";
    table.fields = {{"k", FieldType::text, 0, true}};
    HANGU_CHECK(writer.layer(table));
    const std::array<Value, 1> only{std::string_view(row)};
    HANGU_TRY([[maybe_unused]] const plain::Shape none, writer.feature(only, {}));
    return {};
  }

  static Bytes point(double px, double py) {
    Bytes out{std::byte{1}, std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}};
    for (const double side : {px, py}) {
      std::array<std::byte, 8> raw;
      std::memcpy(raw.data(), &side, 8);
      append(out, raw);
    }
    return out;
  }
};

/// The verdict over the rendition of another sample than the plain form's.
template <class Change>
std::string other(Change&& change) {
  Sample sample;
  change(sample);
  return verdict_of(sample.rendition(), kGpkg, Sample().plain_form());
}

/// A rendition after SQLite has changed it, with the counters set back so that they do not tell.
Bytes edited_only(const Bytes& bytes, const std::string& sql) {
  const os::test::ScratchFolder scratch;
  const std::string path = scratch / "edited.gpkg";
  REQUIRE(os::write_file_durably(path, bytes));
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr) == SQLITE_OK);
  char* error = nullptr;
  const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error);
  INFO(sql << ": " << (error == nullptr ? "" : error));
  REQUIRE(code == SQLITE_OK);
  sqlite3_close(db);
  auto out = os::read_file(path, std::size_t{1} << 30);
  REQUIRE(out);
  for (const std::size_t counter : {24U, 40U, 92U}) {
    store_u32(MutableByteView(*out).subspan(counter), 1);
  }
  return *std::move(out);
}

/// The same, cleaned up as a careful adversary would.
Bytes edited(const Bytes& bytes, const std::string& sql) {
  return test::scrubbed(edited_only(bytes, "PRAGMA secure_delete=ON;" + sql));
}

std::string edited_verdict(const std::string& sql) {
  return verdict_of(edited(Sample().rendition(), sql), kGpkg, Sample().plain_form());
}

TEST_CASE("the writer's GeoPackage passes, small and with an R-tree of several levels",
          "[check][gpkg]") {
  const Sample small;
  CHECK(verdict_of(small.rendition(), kGpkg, small.plain_form()) == "pass: ok");
  Sample large;
  large.points = kManyFeatures * 10;
  CHECK(verdict_of(large.rendition(), kGpkg, large.plain_form()) == "pass: ok");
  Sample none;
  none.points = 0;
  CHECK(verdict_of(none.rendition(), kGpkg, none.plain_form()) == "pass: ok");
  for (const std::uint32_t bits : {0U, 16U, 32U}) {
    Sample other_bits;
    other_bits.fid_bits = bits;
    CHECK(verdict_of(other_bits.rendition(), kGpkg, other_bits.plain_form()) == "pass: ok");
  }
  const os::UniqueFd every = plain::test::vector_file();
  CHECK(verdict_of(test::written(geo::write_geopackage, every), kGpkg, every) == "pass: ok");
}

TEST_CASE("the certificate's item says what was measured", "[check][gpkg]") {
  const Sample sample;
  const Bytes bytes = sample.rendition();
  const MemorySource source(bytes);
  const os::UniqueFd plain_form = sample.plain_form();
  const CheckedObject object{"wells.gpkg", kGpkg, source, plain_form.view()};
  const wire::Json item = certificate_item(object, check_object(object));
  CHECK(*item.find("name")->as_string() == "wells.gpkg");
  CHECK(*item.find("format")->as_string() == "geopackage");
  CHECK(*item.find("verdict")->as_string() == "pass");
  std::vector<std::string> names;
  for (const wire::Json& entry : *item.find("checks")->as_array()) {
    names.push_back(*entry.find("check")->as_string());
    CHECK(*entry.find("reason")->as_string() == "ok");
    if (names.back() == "content") {
      CHECK(*entry.find("measured")->find("features")->as_integer() == 6);
      CHECK(*entry.find("measured")->find("indexed")->as_integer() == 4);
    }
  }
  CHECK(names == std::vector<std::string>{"plain-form", "bytes", "schema", "integrity", "content",
                                          "catalogue"});
}

TEST_CASE("a GeoPackage with another value, place, order or count is refused", "[check][gpkg]") {
  CHECK(other([](Sample& s) { s.name = "泉"; }) == "fail: rendition-content-differs");
  CHECK(other([](Sample& s) { s.row = "valve"; }) == "fail: rendition-content-differs");
  CHECK(other([](Sample& s) { s.x = std::nextafter(s.x, 180); }) ==
        "fail: rendition-content-differs");
  CHECK(other([](Sample& s) { s.swapped = true; }) == "fail: rendition-content-differs");
  CHECK(other([](Sample& s) { s.points = 4; }) == "fail: rendition-count-differs");
  CHECK(other([](Sample& s) { s.points = 6; }) == "fail: rendition-count-differs");
}

TEST_CASE("a GeoPackage with another schema or system is refused", "[check][gpkg]") {
  CHECK(other([](Sample& s) { s.field = "label"; }) == "fail: gpkg-schema");
  CHECK(other([](Sample& s) { s.width = 10; }) == "fail: gpkg-schema");
  CHECK(other([](Sample& s) { s.count_bits = 0; }) == "fail: gpkg-schema");
  for (const std::uint32_t bits : {0U, 16U, 32U}) {
    CHECK(other([bits](Sample& s) { s.fid_bits = bits; }) == "fail: gpkg-schema");
  }
  CHECK(other([](Sample& s) { s.rows = false; }) == "fail: gpkg-schema");
  CHECK(other([](Sample& s) { s.crs = 4326; }) == "fail: geometry-srs");
}

TEST_CASE("a GeoPackage with tables, views, triggers or indexes beside its own is refused",
          "[check][gpkg]") {
  CHECK(edited_verdict("CREATE TABLE notes(t); INSERT INTO notes VALUES ('secret');") ==
        "fail: gpkg-schema");
  CHECK(edited_verdict("CREATE VIEW v AS SELECT 1;") == "fail: gpkg-schema");
  CHECK(edited_verdict("CREATE TRIGGER t AFTER INSERT ON rows BEGIN SELECT 1; END;") ==
        "fail: gpkg-schema");
  CHECK(edited_verdict("CREATE INDEX i ON rows(k);") == "fail: gpkg-schema");
  CHECK(edited_verdict("CREATE VIRTUAL TABLE f USING rtree(id, a, b);") == "fail: gpkg-schema");
  CHECK(edited_verdict("DROP TRIGGER \"rtree_wells \"\"1\"\"_geom_delete\";") ==
        "fail: gpkg-row-numbers");
}

TEST_CASE("a GeoPackage that names other columns, or the same with a comment, is refused",
          "[check][gpkg]") {
  const auto schema = [](const std::string& what) {
    return edited_verdict("PRAGMA writable_schema=ON; UPDATE sqlite_schema SET " + what + ";");
  };
  CHECK(schema("sql = replace(sql, '\"k\" TEXT', '\"k\" TEXT /* secret */') WHERE name = 'rows'") ==
        "fail: gpkg-schema");
  CHECK(schema("sql = replace(sql, '\"k\" TEXT', '\"k\"  TEXT') WHERE name = 'rows'") ==
        "fail: gpkg-schema");
  for (const char* const type : {"INTEGER", "INT", "mediumint", "SMALLINT", "MEDIUMINT(32)"}) {
    CHECK(schema("sql = replace(sql, 'MEDIUMINT', '" + std::string(type) +
                 "') WHERE name LIKE 'wells%'") == "fail: gpkg-schema");
  }
  CHECK(schema("sql = replace(sql, 'nodeno)', 'nodeno,x)') WHERE name LIKE '%_rowid'") ==
        "fail: gpkg-schema");
}

TEST_CASE("a GeoPackage that SQLite has changed in a value is refused with the reason",
          "[check][gpkg]") {
  CHECK(edited_verdict("UPDATE rows SET k = 'valve';") == "fail: rendition-content-differs");
  CHECK(edited_verdict("UPDATE rows SET k = NULL;") == "fail: rendition-content-differs");
  CHECK(edited_verdict("UPDATE rows SET k = x'76616c7565';") == "fail: rendition-value-type");
  CHECK(edited_verdict("UPDATE \"wells \"\"1\"\"\" SET depth = 'deep' WHERE fid_ = 1;") ==
        "fail: rendition-value-type");
  CHECK(edited_verdict("UPDATE \"wells \"\"1\"\"\" SET dug = '2020-1-1' WHERE fid_ = 1;") ==
        "fail: rendition-value-type");
  CHECK(edited_verdict("UPDATE \"wells \"\"1\"\"\" SET dug = '2020-02-30' WHERE fid_ = 1;") ==
        "fail: rendition-value-type");
  CHECK(edited_verdict("UPDATE \"wells \"\"1\"\"\" SET dry = 2 WHERE fid_ = 1;") ==
        "fail: rendition-value-type");
  CHECK(edited_verdict("UPDATE \"wells \"\"1\"\"\" SET fid = 127 WHERE fid_ = 1;") ==
        "fail: rendition-content-differs");
  CHECK(edited_verdict("UPDATE \"wells \"\"1\"\"\" SET fid = 128 WHERE fid_ = 1;") ==
        "fail: plain-value");
  CHECK(edited_verdict("UPDATE rows SET fid = 2;") == "fail: gpkg-row-numbers");
  CHECK(edited_verdict("UPDATE gpkg_extensions SET rowid = 7;") == "fail: gpkg-row-numbers");
  CHECK(edited_verdict("DELETE FROM rows;") == "fail: rendition-count-differs");
  CHECK(edited_verdict("UPDATE \"wells \"\"1\"\"\" SET geom = NULL WHERE fid_ = 1;") ==
        "fail: rtree-feature");
}

TEST_CASE("a GeoPackage whose describing tables say more or else is refused", "[check][gpkg]") {
  CHECK(
      edited_verdict("UPDATE gpkg_contents SET description = 'secret' WHERE table_name='rows';") ==
      "fail: gpkg-catalogue");
  CHECK(edited_verdict("UPDATE gpkg_contents SET last_change = '2026-01-01T00:00:00.000Z';") ==
        "fail: gpkg-catalogue");
  CHECK(edited_verdict("UPDATE gpkg_contents SET max_x = max_x + 1 WHERE max_x NOTNULL;") ==
        "fail: gpkg-catalogue");
  CHECK(edited_verdict("UPDATE gpkg_geometry_columns SET z = 1;") == "fail: gpkg-catalogue");
  CHECK(
      edited_verdict("INSERT INTO gpkg_extensions VALUES ('rows', 'k', 'x', 'y', 'read-write');") ==
      "fail: gpkg-catalogue");
  CHECK(edited_verdict("UPDATE sqlite_sequence SET seq = 9 WHERE name = 'rows';") ==
        "fail: gpkg-catalogue");
  CHECK(
      edited_verdict("UPDATE gpkg_spatial_ref_sys SET srs_name = 'secret' WHERE srs_id = 4490;") ==
      "fail: gpkg-crs");
  CHECK(edited_verdict("UPDATE gpkg_spatial_ref_sys SET definition = replace(definition, '4490', "
                       "'4326') WHERE srs_id = 4490;") == "fail: gpkg-crs");
  CHECK(edited_verdict("UPDATE gpkg_spatial_ref_sys SET description = 'x' WHERE srs_id = 4490;") ==
        "fail: gpkg-catalogue");
  CHECK(
      edited_verdict("INSERT INTO gpkg_spatial_ref_sys SELECT srs_name, 5000, organization, 5000, "
                     "definition, NULL FROM gpkg_spatial_ref_sys WHERE srs_id = 4490;") ==
      "fail: gpkg-catalogue");
  CHECK(edited_verdict("UPDATE gpkg_geometry_columns SET srs_id = 0;") == "fail: gpkg-catalogue");
}

TEST_CASE("a GeoPackage whose R-tree is not that of its features is refused", "[check][gpkg]") {
  const std::string index = "\"rtree_wells \"\"1\"\"_geom\"";
  CHECK(edited_verdict("UPDATE " + index + " SET maxx = maxx + 1 WHERE id = 1;") ==
        "fail: rtree-box");
  CHECK(edited_verdict("DELETE FROM " + index + " WHERE id = 5;") != "pass: ok");
  CHECK(edited_verdict("INSERT INTO " + index + " VALUES (4, 1, 1, 1, 1);") ==
        "fail: rtree-feature");
  CHECK(edited_verdict("INSERT INTO " + index + " VALUES (77, 1, 1, 1, 1);") ==
        "fail: rtree-feature");
  const auto raw = [](const std::string& table, const std::string& set) {
    return edited_verdict("UPDATE \"rtree_wells \"\"1\"\"_geom_" + table + "\" SET " + set + ";");
  };
  CHECK(raw("rowid", "nodeno = 2 WHERE rowid = 2") == "fail: rtree-rowid");
  CHECK(raw("node", "data = CAST(substr(data, 1, 1227) || x'01' AS BLOB)") == "fail: rtree-node");
  CHECK(raw("node", "data = zeroblob(1252)") == "fail: rtree-node");
  CHECK(edited_verdict("INSERT INTO \"rtree_wells \"\"1\"\"_geom_parent\" VALUES (2, 1);") ==
        "fail: rtree-count");
  CHECK(edited_verdict(
            "INSERT INTO \"rtree_wells \"\"1\"\"_geom_node\" VALUES (2, zeroblob(1228));") ==
        "fail: rtree-count");
}

TEST_CASE("residue in a GeoPackage's pages is refused before SQLite sees it", "[check][gpkg]") {
  const Bytes good = Sample().rendition();
  const os::UniqueFd plain_form = Sample().plain_form();
  Bytes trailing = good;
  trailing.push_back(std::byte{0});
  CHECK(verdict_of(trailing, kGpkg, plain_form) == "fail: sqlite-header");
  Bytes page = good;
  page.resize(page.size() + 4096);
  CHECK(verdict_of(page, kGpkg, plain_form) == "fail: sqlite-header");
  store_u32(MutableByteView(page).subspan(28), static_cast<std::uint32_t>(page.size() / 4096));
  CHECK(verdict_of(page, kGpkg, plain_form) == "fail: sqlite-page-unreferenced");
  // The same page on the list of free pages, with or without something in it.
  store_u32(MutableByteView(page).subspan(32), static_cast<std::uint32_t>(page.size() / 4096));
  store_u32(MutableByteView(page).subspan(36), 1);
  CHECK(verdict_of(page, kGpkg, plain_form) == "fail: sqlite-free-pages");
  Bytes slack = good;
  slack[4096 + 2'000] ^= std::byte{1};
  CHECK(verdict_of(slack, kGpkg, plain_form) != "pass: ok");
  // A deleted and remade row in an SQLite that does not clean up.
  CHECK(verdict_of(edited_only(good,
                               "PRAGMA secure_delete=OFF; UPDATE rows SET k='a long secret';"
                               "UPDATE rows SET k='value';"),
                   kGpkg, plain_form) == "fail: sqlite-residue");
}

TEST_CASE("values that SQLite would not show are refused", "[check][gpkg]") {
  // The rowid's own column holds null; a value there is never read.
  const Bytes good = Sample().rendition();
  const os::UniqueFd plain_form = Sample().plain_form();
  const std::string_view record("\x03\x00\x17value", 8);  // header of 3, null, text of 5
  const std::string_view text = text_of(good);
  const std::size_t at = text.find(record);
  REQUIRE(at != std::string_view::npos);
  Bytes hidden = good;
  hidden[at + 1] = std::byte{9};
  CHECK(verdict_of(hidden, kGpkg, plain_form) == "fail: gpkg-hidden-value");
}

TEST_CASE("every changed byte of a GeoPackage is refused, or changes no value", "[check][gpkg]") {
  Sample sample;
  sample.points = 1;
  const Bytes good = sample.rendition();
  const os::UniqueFd plain_form = sample.plain_form();
  REQUIRE(verdict_of(good, kGpkg, plain_form) == "pass: ok");
  const auto version = [](std::size_t at) { return at >= 96 && at < 100; };  // of SQLite
  const std::string_view text = text_of(good);
  const std::size_t system = text.find("GEOGCS[");
  REQUIRE(system != std::string_view::npos);
  const auto definition = [&](std::size_t at) { return at >= system && at < system + 1'000; };
  for (std::size_t at = 0; at < good.size(); ++at) {
    // Zeros are many and all alike: every seventh will do.
    if (good[at] == std::byte{0} && at % 7 != 0) continue;
    for (const unsigned change : {0x01U, 0x80U}) {
      Bytes bad = good;
      bad[at] ^= static_cast<std::byte>(change);
      CAPTURE(at, change);
      if (version(at) || definition(at)) {
        (void)verdict_of(bad, kGpkg, plain_form);  // no crash is all that is asked
      } else {
        CHECK(verdict_of(bad, kGpkg, plain_form) != "pass: ok");
      }
    }
  }
  for (std::size_t size = 0; size < good.size(); size += 511) {
    CHECK(verdict_of(ByteView(good).first(size), kGpkg, plain_form) != "pass: ok");
  }
}

TEST_CASE("a geometry's header says the system and the box of its coordinates", "[check][gpkg]") {
  // LINESTRING(1 2, 3 -4) with its envelope, by the clause in the standard.
  const Bytes line = plain::test::hex(
      "4750000308270000"
      "000000000000f03f"
      "0000000000000840"
      "00000000000010c0"
      "0000000000000040"
      "010200000002000000"
      "000000000000f03f"
      "0000000000000040"
      "0000000000000840"
      "00000000000010c0");
  const auto read = [](const Bytes& blob, std::int32_t srs_id = 9992) {
    return plain::test::reason_of(read_geometry_blob(blob, srs_id));
  };
  CHECK(read(line) == "ok");
  const auto geometry = read_geometry_blob(line, 9992);
  CHECK(geometry->box->min_y == -4);
  CHECK(geometry->box->max_x == 3);
  CHECK(read(line, 9993) == "geometry-srs");
  const auto with = [&](std::size_t at, unsigned value) {
    Bytes bad = line;
    bad[at] = static_cast<std::byte>(value);
    return read(bad);
  };
  CHECK(with(2, 1) == "geometry-blob");     // version
  CHECK(with(3, 0x23) == "geometry-blob");  // extended
  CHECK(with(3, 0x13) == "geometry-blob");  // said to be empty
  CHECK(with(3, 0x83) == "geometry-blob");  // reserved bits
  CHECK(with(8, 1) == "geometry-envelope");
  CHECK(with(40, 0) == "geometry-wkb");  // big-endian
  CHECK(with(41, 9) == "geometry-wkb");
  CHECK(with(45, 3) == "geometry-wkb");  // one vertex more than there is
  CHECK(with(45, 1) == "geometry-wkb");  // and one less
}

TEST_CASE("real GeoPackages, written anew, pass", "[check][gpkg][real]") {
  for (const char* const name : {"nc.gpkg", "world_map.gpkg"}) {
    const os::UniqueFd plain_form = test::real_plain_form(geo::read_geopackage, name);
    CHECK(verdict_of(test::written(geo::write_geopackage, plain_form), kGpkg, plain_form) ==
          "pass: ok");
  }
}

TEST_CASE("real GeoPackages as they come are refused", "[check][gpkg][real]") {
  for (const char* const name : {"nc.gpkg", "world_map.gpkg"}) {
    const os::UniqueFd plain_form = test::real_plain_form(geo::read_geopackage, name);
    const auto bytes = os::read_file(std::string(HANGU_SOURCE_DIR) + "/tests/data/cache/" + name,
                                     std::size_t{1} << 30);
    REQUIRE(bytes);
    CHECK(verdict_of(*bytes, kGpkg, plain_form).starts_with("fail: sqlite-"));
  }
}

TEST_CASE("real GeoTIFFs and tables, written anew, pass", "[check][tiff][csv][real]") {
  for (const char* const name : {"L7_ETMs.tif", "elev.tif", "olinda_dem_utm25s.tif"}) {
    const os::UniqueFd plain_form = test::real_plain_form(geo::read_geotiff, name);
    CHECK(verdict_of(test::written(geo::write_geotiff, plain_form), test::kTiff, plain_form) ==
          "pass: ok");
  }
  for (const char* const name : {"areas.csv", "country_code_ISO_3166.csv"}) {
    const os::UniqueFd plain_form = test::real_plain_form(geo::read_csv, name);
    CHECK(verdict_of(test::written(geo::write_csv, plain_form), test::kCsv, plain_form) ==
          "pass: ok");
  }
}

TEST_CASE("a rendition of another kind or format is refused", "[check]") {
  const Sample sample;
  const os::UniqueFd vector = sample.plain_form();
  const Bytes bytes = sample.rendition();
  CHECK(verdict_of(bytes, test::kTiff, vector) == "fail: rendition-kind-differs");
  CHECK(verdict_of(bytes, test::kCsv, vector) == "fail: rendition-kind-differs");
  CHECK(verdict_of(bytes, "text/html", vector) == "fail: format-not-supported");
  const os::UniqueFd no_plain_form = test::memory_file(bytes);
  CHECK(verdict_of(bytes, kGpkg, no_plain_form) == "fail: plain-mark");
}

}  // namespace
}  // namespace hangu::check
