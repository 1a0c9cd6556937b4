#include <sqlite3.h>

#include "geo/geopackage_catalogue.hpp"
#include "geo/sqlite_input.hpp"
#include "tests/unit/geo/conversions.hpp"

namespace hangu::geo {
namespace {

using test::convert;
using test::data_path;
using test::layer_text;
using test::lines_with;
using test::output_of;
using test::ScratchFolder;

/// A file that SQLite itself looks at and changes.
class Sqlite {
 public:
  explicit Sqlite(const std::string& path) {
    REQUIRE(sqlite3_open(path.c_str(), &db_) == SQLITE_OK);
  }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;
  ~Sqlite() { sqlite3_close(db_); }

  void run(const std::string& sql) {
    char* error = nullptr;
    const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &error);
    INFO(sql << ": " << (error == nullptr ? "" : error));
    REQUIRE(code == SQLITE_OK);
  }
  /// All rows, values joined by "|" and rows by newlines.
  std::string rows(const std::string& sql) {
    std::string out;
    const auto add = [](void* to, int count, char** values, char**) {
      auto& text = *static_cast<std::string*>(to);
      for (int i = 0; i < count; ++i) {
        text += (i > 0 ? "|" : "") + std::string(values[i] == nullptr ? "" : values[i]);
      }
      text += '\n';
      return 0;
    };
    REQUIRE(sqlite3_exec(db_, sql.c_str(), add, &out, nullptr) == SQLITE_OK);
    return out;
  }

 private:
  sqlite3* db_ = nullptr;
};

std::string copy_of(const ScratchFolder& scratch, const std::string& name) {
  std::filesystem::copy_file(data_path(name), scratch / "copy.gpkg");
  return scratch / "copy.gpkg";
}

std::string read_reason(const std::string& path) {
  test::warm_once();
  return test::reading(read_geopackage, path);
}

TEST_CASE("a GeoPackage comes out with the same layers, values and geometries", "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string from = data_path("world_map.gpkg");
  const std::string to = scratch / "out.gpkg";
  const Outcome outcome = convert(read_geopackage, write_geopackage, from, to);
  CHECK(outcome.trailer.features == 4556 + 240 + 46 + 4);
  CHECK(outcome.left_behind == "45 triggers");
  for (const char* const layer :
       {"states_provinces", "countries", "disputed_borders", "layer_styles"}) {
    CHECK(layer_text(to, layer) == layer_text(from, layer));
  }
  const std::string expected = output_of("ogrinfo -al -so '" + from + "'");
  const std::string found = output_of("ogrinfo -al -so '" + to + "'");
  for (const auto& words : {std::initializer_list<const char*>{"Layer name", "Geometry:", "Count"},
                            {"String (", "Real (", "Integer", "ID[\"EPSG\","}}) {
    CHECK(lines_with(found, words) == lines_with(expected, words));
  }
}

TEST_CASE("SQLite finds the file and its R-tree sound, and the index finds the same",
          "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string from = data_path("world_map.gpkg");
  const std::string to = scratch / "out.gpkg";
  convert(read_geopackage, write_geopackage, from, to);
  Sqlite made(to);
  Sqlite original(from);
  CHECK(made.rows("PRAGMA integrity_check") == "ok\n");
  CHECK(made.rows("PRAGMA foreign_key_check").empty());
  CHECK(made.rows("PRAGMA application_id") == "1196444487\n");  // 0x47504B47
  CHECK(made.rows("PRAGMA freelist_count") == "0\n");
  for (const std::string layer : {"states_provinces", "countries", "disputed_borders"}) {
    const std::string index = "rtree_" + layer + "_geom";
    CHECK(made.rows("SELECT rtreecheck('" + index + "')") == "ok\n");
    for (const char* const where :
         {"1", "minx > 0 AND maxx < 10", "maxx > 100 AND minx < 120 AND maxy > 20 AND miny < 40"}) {
      const std::string count = "SELECT count(*) FROM " + index + " WHERE " + where;
      CHECK(made.rows(count) == original.rows(count));
    }
  }
}

TEST_CASE("the same content gives the same GeoPackage, byte for byte", "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  convert(read_geopackage, write_geopackage, data_path("nc.gpkg"), scratch / "a.gpkg");
  convert(read_geopackage, write_geopackage, scratch / "a.gpkg", scratch / "b.gpkg");
  CHECK(os::test::read_text(scratch / "a.gpkg") == os::test::read_text(scratch / "b.gpkg"));
  CHECK(os::test::read_text(scratch / "a.gpkg.plain") ==
        os::test::read_text(scratch / "b.gpkg.plain"));
}

/// The integer fields of a layer as GDAL sees them.
std::string integers_of(const std::string& file, const std::string& layer) {
  return lines_with(output_of("ogrinfo -so '" + file + "' '" + layer + "'"), {"Integer"});
}

TEST_CASE("integers keep the widths that they are declared with, at both ends of their range",
          "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string from = copy_of(scratch, "nc.gpkg");
  Sqlite(from).run(
      "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
      "('t', 'attributes', 't'); CREATE TABLE t (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, "
      "tiny TINYINT, small SMALLINT, medium mediumint NOT NULL, plain INT, whole INTEGER);"
      "INSERT INTO t VALUES (1, -128, -32768, -2147483648, -9223372036854775807 - 1, -1),"
      "(2, 127, 32767, 2147483647, 1, 9223372036854775807), (3, NULL, NULL, 0, NULL, NULL)");
  const std::string to = scratch / "out.gpkg";
  convert(read_geopackage, write_geopackage, from, to);
  CHECK(Sqlite(to).rows("SELECT name, type, \"notnull\" FROM pragma_table_info('t')") ==
        "fid|INTEGER|1\ntiny|TINYINT|0\nsmall|SMALLINT|0\nmedium|MEDIUMINT|1\n"
        "plain|INTEGER|0\nwhole|INTEGER|0\n");
  CHECK(Sqlite(to).rows("SELECT * FROM t") == Sqlite(from).rows("SELECT * FROM t"));
  CHECK(integers_of(from, "t") ==
        "tiny: Integer (0.0)\nsmall: Integer(Int16) (0.0)\nmedium: Integer (0.0) NOT NULL\n"
        "plain: Integer64 (0.0)\nwhole: Integer64 (0.0)\n");
  CHECK(integers_of(to, "t") == integers_of(from, "t"));
  CHECK(layer_text(to, "t") == layer_text(from, "t"));
  convert(read_geopackage, write_geopackage, to, scratch / "again.gpkg");
  CHECK(os::test::read_text(scratch / "again.gpkg") == os::test::read_text(to));
}

TEST_CASE("integers that GDAL declared keep their widths, and numbers stay what they are",
          "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string from = scratch / "gdal.gpkg";
  output_of("ogr2ogr -f GPKG '" + from + "' '" + data_path("nc.gpkg") +
            "' -nln made -dialect OGRSQL -sql 'SELECT CAST(CRESS_ID AS SMALLINT) AS small, "
            "CAST(CRESS_ID AS INTEGER) AS medium, CAST(CRESS_ID AS BIGINT) AS big "
            "FROM \"nc.gpkg\"'");
  convert(read_geopackage, write_geopackage, from, scratch / "out.gpkg");
  CHECK(integers_of(from, "made") ==
        "small: Integer(Int16) (0.0)\nmedium: Integer (0.0)\nbig: Integer64 (0.0)\n");
  CHECK(integers_of(scratch / "out.gpkg", "made") == integers_of(from, "made"));
  CHECK(layer_text(scratch / "out.gpkg", "made") == layer_text(from, "made"));
}

TEST_CASE("numbers of a real map stay what they are", "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string from = data_path("nc.gpkg");
  convert(read_geopackage, write_geopackage, from, scratch / "out.gpkg");
  CHECK(layer_text(scratch / "out.gpkg", "nc.gpkg") == layer_text(from, "nc.gpkg"));
  CHECK(integers_of(from, "nc.gpkg") == "CRESS_ID: Integer (0.0)\n");
  CHECK(integers_of(scratch / "out.gpkg", "nc.gpkg") == integers_of(from, "nc.gpkg"));
  const std::string sum =
      "SELECT sum(AREA), sum(CRESS_ID), typeof(CRESS_ID), typeof(AREA) FROM \"nc.gpkg\"";
  CHECK(Sqlite(scratch / "out.gpkg").rows(sum) == Sqlite(from).rows(sum));
}

TEST_CASE("triggers, views, unregistered and virtual tables are left behind, and said so",
          "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string path = copy_of(scratch, "nc.gpkg");
  {
    Sqlite db(path);
    db.run(
        "CREATE TABLE secret (a TEXT); INSERT INTO secret VALUES ('hidden');"
        "CREATE VIEW peek AS SELECT * FROM secret;"
        "CREATE VIRTUAL TABLE search USING fts5(b);");
  }
  const Outcome outcome = convert(read_geopackage, write_geopackage, path, scratch / "out.gpkg");
  CHECK(outcome.left_behind.find("1 views") != std::string::npos);
  CHECK(outcome.left_behind.find("unregistered tables") != std::string::npos);
  CHECK(outcome.left_behind.find("1 virtual tables") != std::string::npos);
  CHECK(os::test::read_text(scratch / "out.gpkg").find("hidden") == std::string::npos);
  CHECK(Sqlite(scratch / "out.gpkg")
            .rows("SELECT count(*) FROM sqlite_master WHERE name IN "
                  "('secret', 'peek', 'search')") == "0\n");
}

TEST_CASE("deleted rows and trailing bytes do not cross", "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string path = copy_of(scratch, "nc.gpkg");
  {
    Sqlite db(path);
    db.run(
        "PRAGMA secure_delete=OFF; CREATE TABLE t(a TEXT); "
        "INSERT INTO t VALUES ('remains-of-a-deleted-row'); DELETE FROM t; DROP TABLE t;");
  }
  std::ofstream(path, std::ios::app) << "appended-after-the-end";
  REQUIRE(os::test::read_text(path).find("remains-of-a-deleted-row") != std::string::npos);
  convert(read_geopackage, write_geopackage, path, scratch / "out.gpkg");
  const std::string made = os::test::read_text(scratch / "out.gpkg");
  CHECK(made.find("remains-of") == std::string::npos);
  CHECK(made.find("appended-after") == std::string::npos);
}

TEST_CASE("what GeoPackage allows but plain form has no word for is refused", "[geo][gpkg]") {
  struct Case {
    const char* sql;
    const char* reason;
  };
  constexpr auto kCases = std::to_array<Case>({
      {"UPDATE gpkg_contents SET data_type = 'tiles'", "gpkg-tiles-not-supported"},
      {"UPDATE gpkg_contents SET data_type = 'features-with-extras'", "gpkg-content-not-supported"},
      {"ALTER TABLE \"nc.gpkg\" ADD COLUMN g TEXT AS (NAME || 'x')", "gpkg-generated-column"},
      {"ALTER TABLE \"nc.gpkg\" ADD COLUMN g JSONISH", "field-type-not-supported"},
      {"UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVEPOLYGON'",
       "geometry-type-not-supported"},
      {"UPDATE gpkg_geometry_columns SET geometry_type_name = 'POINT'", "geometry-type-mismatch"},
      {"UPDATE gpkg_geometry_columns SET z = 1", "geometry-type-mismatch"},
      {"UPDATE gpkg_geometry_columns SET srs_id = 4326", "gpkg-geometry-srs"},
      {"UPDATE gpkg_geometry_columns SET srs_id = 999", "gpkg-damaged"},
      {"UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = 1 WHERE srs_id = 4267",
       "crs-not-supported"},
      {"INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
       "('peek', 'attributes', 'peek'); CREATE VIEW peek AS SELECT 1 AS a",
       "gpkg-layer-not-table"},
      {"INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
       "('search', 'attributes', 'search'); CREATE VIRTUAL TABLE search USING fts5(b)",
       "gpkg-layer-not-table"},
      {"INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
       "('bare', 'attributes', 'bare'); CREATE TABLE bare (a TEXT)",
       "gpkg-no-primary-key"},
      {"DELETE FROM gpkg_contents", "gpkg-damaged"},
      {"PRAGMA application_id = 0", "format-mismatch"},
      {"PRAGMA journal_mode = WAL", "sqlite-wal"},
      {"INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
       "('t', 'attributes', 't'); CREATE TABLE t (fid INTEGER PRIMARY KEY, \"a\nb\" TEXT)",
       "plain-name"},
  });
  for (const Case& one : kCases) {
    const ScratchFolder scratch;
    const std::string path = copy_of(scratch, "nc.gpkg");
    {
      Sqlite db(path);
      // The file's own triggers call functions that plain SQLite does not have.
      db.run(
          "DROP TRIGGER IF EXISTS \"rtree_nc.gpkg_geom_update1\";"
          "DROP TRIGGER IF EXISTS \"rtree_nc.gpkg_geom_update2\";"
          "DROP TRIGGER IF EXISTS \"rtree_nc.gpkg_geom_update3\";"
          "DROP TRIGGER IF EXISTS \"rtree_nc.gpkg_geom_update4\"");
      db.run(one.sql);
    }
    INFO(one.sql);
    CHECK(read_reason(path) == one.reason);
  }
}

TEST_CASE("a value of another type than its column is refused, not coerced", "[geo][gpkg]") {
  struct Case {
    const char* column;
    const char* value;
    const char* reason;
  };
  constexpr auto kCases = std::to_array<Case>({
      {"i INTEGER", "12", "ok"},
      {"i INTEGER", "'twelve'", "gpkg-value"},
      {"i INTEGER", "1.5", "gpkg-value"},
      {"i TINYINT", "127", "ok"},
      {"i TINYINT", "128", "plain-value"},
      {"i TINYINT", "-129", "plain-value"},
      {"i SMALLINT", "-32769", "plain-value"},
      {"i MEDIUMINT", "2147483648", "plain-value"},
      {"i BIGINT", "2147483648", "ok"},
      {"i TINYINT(4)", "1", "field-type-not-supported"},
      {"r REAL", "'much'", "gpkg-value"},
      {"r REAL", "9e999", "plain-value"},
      {"t TEXT", "'text'", "ok"},
      {"t TEXT", "x'00ff'", "gpkg-value"},
      {"t TEXT", "cast(x'ff' AS TEXT)", "plain-value"},
      {"t TEXT(3)", "'abc'", "ok"},
      {"t TEXT(3)", "'abcd'", "plain-value"},
      {"d DATE", "'2024-02-29'", "ok"},
      {"d DATE", "'2023-02-29'", "date-invalid"},
      {"d DATETIME", "'2024-02-29T12:00:00.5Z'", "ok"},
      {"d DATETIME", "'tomorrow'", "date-time-invalid"},
      {"b BOOLEAN", "1", "ok"},
      {"b BOOLEAN", "2", "gpkg-value"},
      {"y BLOB", "x'00ff'", "ok"},
      {"y BLOB", "'text'", "gpkg-value"},
      {"geom BLOB", "x'4750'", "ok"},  // only a name: this table has no geometry
  });
  for (const Case& one : kCases) {
    const ScratchFolder scratch;
    const std::string path = copy_of(scratch, "nc.gpkg");
    Sqlite(path).run(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES "
        "('t', 'attributes', 't'); CREATE TABLE t (fid INTEGER PRIMARY KEY, " +
        std::string(one.column) + "); INSERT INTO t VALUES (7, " + one.value + "), (9, NULL)");
    INFO(one.column << " " << one.value);
    CHECK(read_reason(path) == one.reason);
  }
}

TEST_CASE("fields that have our columns' names keep them, and ours give way", "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const os::UniqueFd plain_form = test::open_output(scratch / "plain");
  auto writer = plain::Writer::create(plain_form.view(), {plain::DatasetKind::vector, 1});
  REQUIRE(writer);
  plain::Layer layer;
  layer.name = "odd \"name\" 'here'";
  layer.geometry = plain::GeometryType::any;
  layer.fields = {{"FID", plain::FieldType::integer, 0, true},
                  {"geom", plain::FieldType::text, 0, true},
                  {"geom_", plain::FieldType::real, 0, true}};
  REQUIRE(writer->layer(layer));
  const std::array<plain::Value, 3> values{std::int64_t{1} << 40, std::string_view("x"), -2.0};
  REQUIRE(writer->feature(values, {}));
  const auto trailer = writer->finish();
  REQUIRE(trailer);
  const os::UniqueFd output = test::open_output(scratch / "out.gpkg");
  REQUIRE(write_geopackage(plain_form.view(), output.view(), test::kAnySize));
  Sqlite db(scratch / "out.gpkg");
  CHECK(db.rows("PRAGMA integrity_check") == "ok\n");
  CHECK(db.rows("SELECT fid_, geom__, FID, geom, geom_ FROM \"odd \"\"name\"\" 'here'\"") ==
        "1||1099511627776|x|-2.0\n");
  const os::UniqueFd again = test::open_output(scratch / "again");
  const auto read = read_geopackage(output.view(), again.view());
  REQUIRE(read);
  CHECK(read->trailer == *trailer);
}

TEST_CASE("an output that would be over its bound is not finished", "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  convert(read_geopackage, write_geopackage, data_path("nc.gpkg"), scratch / "out.gpkg");
  const std::uint64_t size = std::filesystem::file_size(scratch / "out.gpkg");
  const os::UniqueFd plain_form = test::open_input(scratch / "out.gpkg.plain");
  const os::UniqueFd output = test::open_output(scratch / "bounded.gpkg");
  CHECK(write_geopackage(plain_form.view(), output.view(), size));
  CHECK(test::reason_of(write_geopackage(plain_form.view(), output.view(), size - 1)) ==
        "output-limit");
  CHECK(test::reason_of(write_csv(plain_form.view(), output.view(), size)) == "format-unfit");
  CHECK(test::reason_of(write_geotiff(plain_form.view(), output.view(), size)) == "format-unfit");
}

TEST_CASE("a truncated or damaged GeoPackage is refused, never read half", "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string whole = os::test::read_text(data_path("nc.gpkg"));
  for (std::size_t n = 0; n < whole.size(); n += 4000) {
    os::test::write_text(scratch / "cut.gpkg", whole.substr(0, n));
    INFO(n);
    CHECK(read_reason(scratch / "cut.gpkg") != "ok");
  }
  // Damage anywhere: refused, or harmless (free space, indexes, other columns); never a crash.
  for (std::size_t at = 0; at < whole.size(); at += 997) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    os::test::write_text(scratch / "damaged.gpkg", damaged);
    INFO(at);
    CHECK(read_reason(scratch / "damaged.gpkg") != "sqlite-failed");
  }
}

TEST_CASE("a GeoPackage whose schema is damaged is the sender's fault, not the system's",
          "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  const std::string whole = os::test::read_text(data_path("nc.gpkg"));
  const auto with = [&](std::size_t at, std::string_view bytes) {
    std::string damaged = whole;
    damaged.replace(at, bytes.size(), bytes);
    os::test::write_text(scratch / "damaged.gpkg", damaged);
    return read_reason(scratch / "damaged.gpkg");
  };
  CHECK(with(47, "\x09") == "sqlite-damaged");       // schema format
  CHECK(with(100, "\x07") == "sqlite-damaged");      // kind of the first page
  CHECK(with(103, "\x7f") == "sqlite-damaged");      // its count of cells
  CHECK(with(108, "\xff\xff") == "sqlite-damaged");  // its first cell
  const std::size_t sql = whole.find("CREATE TABLE gpkg_");
  REQUIRE(sql != std::string::npos);
  CHECK(with(sql, "CREATE FABLE") == "sqlite-damaged");
  CHECK(with(sql, std::string_view("CREATE TABLE \0", 14)) == "sqlite-damaged");
}

TEST_CASE("a GeoPackage that cannot be read is the system's fault, not the sender's",
          "[geo][gpkg]") {
  test::warm_once();
  const ScratchFolder scratch;
  std::filesystem::copy_file(data_path("world_map.gpkg"), scratch / "short.gpkg");
  const os::UniqueFd file = test::open_input(scratch / "short.gpkg");
  const auto input = SqliteInput::open(file.view());
  REQUIRE(input);
  auto query = input->query("SELECT * FROM countries");
  REQUIRE(query);
  std::filesystem::resize_file(scratch / "short.gpkg", 4096);
  auto row = query->step();
  while (row && *row) row = query->step();  // ends: the rows are finite
  REQUIRE_FALSE(row);
  CHECK(row.error().code() == ErrorCode::internal);
  CHECK(row.error().reason() == "sqlite-failed");
}

}  // namespace
}  // namespace hangu::geo
