#include "geo/sqlite_pages.hpp"

#include <algorithm>
#include <random>

#include <sqlite3.h>

#include "geo/spatial_index.hpp"
#include "tests/unit/geo/conversions.hpp"

namespace hangu::geo {
namespace {

using test::ScratchFolder;

constexpr SqliteIdentity kIdentity{1, 2};

std::string first_value(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  std::string out;
  const auto take = [](void* to, int, char** values, char**) {
    *static_cast<std::string*>(to) = values[0] == nullptr ? "null" : values[0];
    return 0;
  };
  char* error = nullptr;
  const int code = sqlite3_exec(db, sql.c_str(), take, &out, &error);
  INFO(sql << ": " << (error == nullptr ? "" : error));
  CHECK(code == SQLITE_OK);
  sqlite3_free(error);
  sqlite3_close(db);
  return out;
}

/// Writes a table of `count` rows whose texts have `bytes(i)` bytes, and checks it with SQLite.
void table_case(std::int64_t count, const std::function<std::size_t(std::int64_t)>& bytes) {
  const ScratchFolder scratch;
  const os::UniqueFd output = test::open_output(scratch / "t.sqlite");
  PageFile file(output.view(), test::kAnySize);
  TableTree tree(file);
  std::uint64_t total = 0;
  for (std::int64_t i = 1; i <= count; ++i) {
    const std::string text(bytes(i), static_cast<char>('a' + i % 26));
    total += text.size();
    RecordWriter record;
    record.null().integer(i * i - 7).text(text);
    REQUIRE(tree.add(i, record.pieces()));
  }
  const auto root = tree.finish();
  REQUIRE(root);
  const std::vector<SchemaRow> schema{
      {"table", "t", "t", *root, "CREATE TABLE t (k INTEGER PRIMARY KEY, n INTEGER, x TEXT)"}};
  const auto size = finish_database(file, schema, kIdentity);
  REQUIRE(size);
  CHECK(*size == std::filesystem::file_size(scratch / "t.sqlite"));
  CHECK(first_value(scratch / "t.sqlite", "PRAGMA integrity_check") == "ok");
  CHECK(first_value(scratch / "t.sqlite", "SELECT count(*) FROM t") == std::to_string(count));
  CHECK(first_value(scratch / "t.sqlite", "SELECT coalesce(sum(length(x)), 0) FROM t") ==
        std::to_string(total));
  CHECK(first_value(scratch / "t.sqlite",
                    "SELECT count(*) FROM t WHERE n <> k * k - 7 OR "
                    "ltrim(x, char(97 + k % 26)) <> ''") == "0");
}

TEST_CASE("tables of any count of rows are sound to SQLite", "[geo][sqlite]") {
  for (const std::int64_t count : {0, 1, 2, 100, 272, 273, 274, 40'000}) {
    INFO(count);
    table_case(count, [](std::int64_t i) { return static_cast<std::size_t>(i % 50); });
  }
}

TEST_CASE("counts of leaves around the fan-out leave no page with a single child",
          "[geo][sqlite]") {
  // One row a leaf: 272 children fit an interior page.
  for (const std::int64_t count : {271, 272, 273, 544, 545, 546}) {
    INFO(count);
    table_case(count, [](std::int64_t) { return std::size_t{3900}; });
  }
}

TEST_CASE("rows around the limits of a page and of overflow pages are sound", "[geo][sqlite]") {
  for (std::size_t bytes = 4040; bytes < 4070; ++bytes) {
    table_case(3, [bytes](std::int64_t) { return bytes; });
  }
  for (std::size_t bytes = 8140; bytes < 8200; bytes += 3) {
    table_case(3, [bytes](std::int64_t) { return bytes; });
  }
  table_case(20, [](std::int64_t i) { return static_cast<std::size_t>(i) * 100'003; });
}

TEST_CASE("records keep integers, reals, nulls, texts and bytes", "[geo][sqlite]") {
  const ScratchFolder scratch;
  const os::UniqueFd output = test::open_output(scratch / "t.sqlite");
  PageFile file(output.view(), test::kAnySize);
  TableTree tree(file);
  const std::vector<std::int64_t> integers{0,
                                           1,
                                           -1,
                                           127,
                                           128,
                                           -128,
                                           -129,
                                           32767,
                                           32768,
                                           8388607,
                                           8388608,
                                           2147483647,
                                           2147483648,
                                           140737488355327,
                                           140737488355328,
                                           -140737488355329,
                                           INT64_MAX,
                                           INT64_MIN};
  std::string expected;
  for (std::size_t i = 0; i < integers.size(); ++i) {
    RecordWriter record;
    record.null().integer(integers[i]);
    REQUIRE(tree.add(static_cast<std::int64_t>(i), record.pieces()));
    expected += (i > 0 ? "," : "") + std::to_string(integers[i]);
  }
  const auto root = tree.finish();
  REQUIRE(root);
  TableTree reals(file);
  const std::vector<double> values{0, 1, -1.5, 3e15, 140737488355327.0, 1e300, 5e-324, -7};
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    RecordWriter record;
    const Bytes blob{std::byte{1}, std::byte{2}};
    record.null().real(values[i]).bulk(ByteView(blob).first(1), ByteView(blob).subspan(1));
    REQUIRE(reals.add(static_cast<std::int64_t>(i), record.pieces()));
    sum += values[i];
  }
  const auto reals_root = reals.finish();
  REQUIRE(reals_root);
  const std::vector<SchemaRow> schema{
      {"table", "t", "t", *root, "CREATE TABLE t (k INTEGER PRIMARY KEY, n INTEGER)"},
      {"table", "r", "r", *reals_root, "CREATE TABLE r (k INTEGER PRIMARY KEY, n REAL, b BLOB)"}};
  REQUIRE(finish_database(file, schema, kIdentity));
  const std::string path = scratch / "t.sqlite";
  CHECK(first_value(path, "PRAGMA integrity_check") == "ok");
  CHECK(first_value(path, "SELECT group_concat(n) FROM (SELECT n FROM t ORDER BY k)") == expected);
  CHECK(first_value(path, "SELECT count(*) FROM r WHERE typeof(n) = 'real'") == "8");
  CHECK(first_value(path, "SELECT n = 5e-324 FROM r WHERE k = 6") == "1");
  CHECK(first_value(path, "SELECT hex(b) FROM r WHERE k = 3") == "0102");
  CHECK(std::stod(first_value(path, "SELECT sum(n) FROM r")) == Approx(sum));
  CHECK(first_value(path, "PRAGMA user_version") == "2");
}

TEST_CASE("indexes of any size are sound and ordered", "[geo][sqlite]") {
  for (const std::size_t count : {0U, 1U, 3U, 14U, 15U, 16U, 17U, 200U, 5000U}) {
    INFO(count);
    const ScratchFolder scratch;
    const os::UniqueFd output = test::open_output(scratch / "t.sqlite");
    PageFile file(output.view(), test::kAnySize);
    TableTree tree(file);
    std::vector<Bytes> keys;
    for (std::size_t i = 1; i <= count; ++i) {
      std::string text = std::to_string(100'000 + i);
      text.append(250, 'x');
      RecordWriter row;
      row.text(text);
      REQUIRE(tree.add(static_cast<std::int64_t>(i), row.pieces()));
      RecordWriter key;
      key.text(text).integer(static_cast<std::int64_t>(i));
      keys.push_back(key.whole());
    }
    const auto root = tree.finish();
    REQUIRE(root);
    const auto index = put_index(file, keys);
    REQUIRE(index);
    const std::vector<SchemaRow> schema{{"table", "t", "t", *root, "CREATE TABLE t (a UNIQUE)"},
                                        {"index", "sqlite_autoindex_t_1", "t", *index, ""}};
    REQUIRE(finish_database(file, schema, kIdentity));
    CHECK(first_value(scratch / "t.sqlite", "PRAGMA integrity_check") == "ok");
  }
}

TEST_CASE("a schema of any length is sound", "[geo][sqlite]") {
  for (const std::size_t count : {1U, 30U, 60U, 3000U}) {
    const ScratchFolder scratch;
    const os::UniqueFd output = test::open_output(scratch / "t.sqlite");
    PageFile file(output.view(), test::kAnySize);
    std::vector<SchemaRow> schema;
    for (std::size_t i = 0; i < count; ++i) {
      TableTree tree(file);
      const auto root = tree.finish();
      REQUIRE(root);
      const std::string name = "table_" + std::to_string(i);
      schema.push_back({"table", name, name, *root, "CREATE TABLE " + name + " (a)"});
    }
    REQUIRE(finish_database(file, schema, kIdentity));
    CHECK(first_value(scratch / "t.sqlite", "PRAGMA integrity_check") == "ok");
    CHECK(first_value(scratch / "t.sqlite", "SELECT count(*) FROM sqlite_master") ==
          std::to_string(count));
  }
}

TEST_CASE("R-trees of any count are sound, and find what a scan finds", "[geo][sqlite]") {
  for (const std::size_t count : {0U, 1U, 51U, 52U, 103U, 2601U, 2602U, 60'000U}) {
    INFO(count);
    const ScratchFolder scratch;
    const os::UniqueFd output = test::open_output(scratch / "t.sqlite");
    PageFile file(output.view(), test::kAnySize);
    SpatialIndex index(file);
    std::mt19937 chance(7);  // the same boxes every time
    std::uniform_real_distribution<double> place(-180, 180);
    std::size_t inside = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double x = place(chance);
      const double y = place(chance) / 2;
      REQUIRE(index.add(static_cast<std::int64_t>(2 * i + 1), {x, y, x + 0.1, y + 0.2}));
      inside += x > 10 && x + 0.1 < 40 && y > -20 && y + 0.2 < 30 ? 1 : 0;
    }
    const auto roots = index.finish();
    REQUIRE(roots);
    const std::vector<SchemaRow> schema{
        {"table", "r", "r", 0, "CREATE VIRTUAL TABLE r USING rtree(id, minx, maxx, miny, maxy)"},
        {"table", "r_rowid", "r_rowid", roots->rowid,
         "CREATE TABLE \"r_rowid\"(rowid INTEGER PRIMARY KEY,nodeno)"},
        {"table", "r_node", "r_node", roots->node,
         "CREATE TABLE \"r_node\"(nodeno INTEGER PRIMARY KEY,data)"},
        {"table", "r_parent", "r_parent", roots->parent,
         "CREATE TABLE \"r_parent\"(nodeno INTEGER PRIMARY KEY,parentnode)"}};
    REQUIRE(finish_database(file, schema, kIdentity));
    const std::string path = scratch / "t.sqlite";
    CHECK(first_value(path, "PRAGMA integrity_check") == "ok");
    CHECK(first_value(path, "SELECT rtreecheck('r')") == "ok");
    CHECK(first_value(path, "SELECT count(*) FROM r") == std::to_string(count));
    CHECK(first_value(path,
                      "SELECT count(*) FROM r WHERE minx > 10 AND maxx < 40 AND miny > -20 "
                      "AND maxy < 30") == std::to_string(inside));
    // SQLite can go on with it.
    first_value(path, "INSERT INTO r VALUES (1000000, 1, 2, 1, 2); DELETE FROM r WHERE id = 1");
    CHECK(first_value(path, "SELECT rtreecheck('r')") == "ok");
  }
}

TEST_CASE("a file is not longer than it may be", "[geo][sqlite]") {
  const ScratchFolder scratch;
  const os::UniqueFd output = test::open_output(scratch / "t.sqlite");
  PageFile file(output.view(), 3 * kSqlitePageBytes);
  const Bytes page(kSqlitePageBytes);
  CHECK(file.append(page));
  CHECK(file.append(page));
  CHECK(test::reason_of(file.append(page)) == "output-limit");
}

}  // namespace
}  // namespace hangu::geo
