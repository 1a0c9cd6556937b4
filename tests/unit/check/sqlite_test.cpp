// Databases are made here by SQLite itself; a fresh one, written in order, has nothing to hide.

#include <algorithm>

#include <sqlite3.h>

#include "check/database.hpp"
#include "check/sqlite_pages.hpp"
#include "check/sqlite_walker.hpp"
#include "tests/unit/check/made.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::check {
namespace {

/// The bytes of a database that these statements make.
Bytes database_of(const std::string& sql) {
  const os::test::ScratchFolder scratch;
  const std::string path = scratch / "made.db";
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  char* error = nullptr;
  const int code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &error);
  INFO((error == nullptr ? "" : error));
  REQUIRE(code == SQLITE_OK);
  sqlite3_close(db);
  const auto bytes = os::read_file(path, std::size_t{1} << 30);
  REQUIRE(bytes);
  return *bytes;
}

std::string walk(ByteView bytes) {
  const auto layout = walk_sqlite(MemorySource(bytes));
  if (!layout) UNSCOPED_INFO(layout.error().message());
  return layout ? "ok" : std::string(layout.error().reason());
}

const std::string kSmall =
    "PRAGMA page_size=512; CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL);"
    "INSERT INTO t VALUES (1, 'one', 1.5), (2, 'two', NULL), (300, 'x', -7);";

/// Rows on many pages, and some that overflow; written in order.
const std::string kLarge =
    "PRAGMA page_size=512; CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT);"
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<400)"
    "INSERT INTO t SELECT x, printf('%.*c', x * 5 % 1700, 'x') FROM c;";

void put_u32(Bytes& to, std::size_t at, std::uint32_t value) {
  store_u32(MutableByteView(to).subspan(at), value);
}

TEST_CASE("a fresh database is walked, and its trees counted", "[check][sqlite]") {
  const Bytes small = database_of(kSmall);
  const auto layout = walk_sqlite(MemorySource(small));
  REQUIRE(layout);
  CHECK(layout->header.page_bytes == 512);
  REQUIRE(layout->objects.size() == 1);
  CHECK(layout->objects[0].type == "table");
  CHECK(layout->objects[0].sql == "CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT, c REAL)");
  const SqliteTree* const tree = layout->find(layout->objects[0].root);
  REQUIRE(tree != nullptr);
  CHECK(tree->records == 3);
  CHECK(tree->first_rowid == 1);
  CHECK(tree->last_rowid == 300);
  CHECK(tree->columns_min == 3);
  CHECK(tree->always_null == std::vector<bool>{true, false, false});

  const Bytes large = test::scrubbed(database_of(kLarge));
  const auto many = walk_sqlite(MemorySource(large));
  REQUIRE(many);
  CHECK(many->trees[1].records == 400);
  CHECK(many->trees[0].pages + many->trees[1].pages == many->header.pages);
}

TEST_CASE(
    "a database with free pages, auto-vacuum, a write-ahead log or another text encoding is "
    "refused",
    "[check][sqlite]") {
  CHECK(walk(database_of(kLarge + "DELETE FROM t WHERE a > 200;")) == "sqlite-free-pages");
  CHECK(walk(database_of("PRAGMA auto_vacuum=FULL;" + kLarge)) == "sqlite-header");
  CHECK(walk(database_of(kSmall + "PRAGMA journal_mode=WAL;")) == "sqlite-journal-mode");
  CHECK(walk(database_of("PRAGMA encoding='UTF-16';" + kSmall)) == "sqlite-header");
}

TEST_CASE("what a database's pages hold beside their cells is zero, or it is refused",
          "[check][sqlite]") {
  // A deleted row leaves its bytes in a free block.
  CHECK(walk(database_of("PRAGMA secure_delete=OFF;" + kSmall + "DELETE FROM t WHERE a = 2;")) ==
        "sqlite-residue");
  // SQLite zeroes that when told to, but forgets the pointer that was removed.
  const Bytes deleted =
      database_of("PRAGMA secure_delete=ON;" + kSmall + "DELETE FROM t WHERE a = 2;");
  CHECK(walk(deleted) == "sqlite-residue");
  CHECK(walk(test::scrubbed(deleted)) == "ok");
  Bytes bad = database_of(kSmall);
  bad[512 + 100] = std::byte{1};  // between the pointers and the cells of page 2
  CHECK(walk(bad) == "sqlite-residue");
  Bytes overflow = database_of(
      "PRAGMA page_size=512; CREATE TABLE t(b); INSERT INTO t VALUES (printf('%.500c','x'));");
  CHECK(walk(overflow) == "ok");
  overflow.back() = std::byte{1};
  CHECK(walk(overflow) == "sqlite-residue");
}

TEST_CASE("a database with pages of no tree, or pages of two, is refused", "[check][sqlite]") {
  Bytes more = database_of(kSmall);
  const auto pages = static_cast<std::uint32_t>(more.size() / 512);
  more.resize(more.size() + 512);
  CHECK(walk(more) == "sqlite-header");
  put_u32(more, 28, pages + 1);
  CHECK(walk(more) == "sqlite-page-unreferenced");
  more.resize(more.size() - 100);
  CHECK(walk(more) == "sqlite-header");

  Bytes twice = database_of(
      "PRAGMA page_size=512; CREATE TABLE t(b);"
      "INSERT INTO t VALUES (printf('%.560c','x')), (printf('%.560c','y'));");
  REQUIRE(walk(twice) == "ok");
  // Page 2 is the table; the first overflow page of each row is named in the last four bytes of
  // its cell. Let the second row's be the first's.
  const ByteView page = ByteView(twice).subspan(512, 512);
  const auto pointer = [&](std::size_t i) {
    return std::to_integer<std::size_t>(page[8 + 2 * i]) << 8 |
           std::to_integer<std::size_t>(page[9 + 2 * i]);
  };
  const std::size_t end_of_first = 512 + 512 - 4;
  const std::size_t end_of_second = 512 + pointer(0) - 4;
  REQUIRE(pointer(1) < pointer(0));
  put_u32(twice, end_of_second, load_u32(ByteView(twice).subspan(end_of_first)));
  CHECK(walk(twice) == "sqlite-page-twice");
  put_u32(twice, end_of_second, 2);
  CHECK(walk(twice) == "sqlite-page-twice");
  put_u32(twice, end_of_second, 4'000);
  CHECK(walk(twice) == "sqlite-page");
  put_u32(twice, end_of_second, 0);
  CHECK(walk(twice) == "sqlite-overflow");
}

TEST_CASE("records say each value in one way, or are refused", "[check][sqlite]") {
  const auto with = [](std::string_view cell) {
    // One row of one column; its cell replaced from the end of the page.
    Bytes bytes = database_of("PRAGMA page_size=512; CREATE TABLE t(b); INSERT INTO t VALUES (5);");
    const std::size_t page = 512;
    std::ranges::fill(bytes.begin() + 512 + 10, bytes.end(), std::byte{0});
    const std::size_t at = 512 - cell.size();
    bytes[page + 5] = bytes[page + 8] = static_cast<std::byte>(at >> 8);
    bytes[page + 6] = bytes[page + 9] = static_cast<std::byte>(at & 0xff);
    std::ranges::copy(bytes_of(cell), bytes.begin() + static_cast<std::ptrdiff_t>(page + at));
    return walk(bytes);
  };
  using namespace std::string_view_literals;
  // length, rowid, header length, type, value
  CHECK(with("\x03\x01\x02\x01\x05"sv) == "ok");
  CHECK(with("\x04\x01\x02\x02\x00\x05"sv) == "sqlite-record");  // 5 in two bytes
  CHECK(with("\x04\x01\x02\x02\x01\x05"sv) == "ok");             // 261
  CHECK(with("\x03\x01\x02\x01\x01"sv) == "sqlite-record");      // 1 has a type of its own
  CHECK(with("\x02\x01\x02\x09"sv) == "ok");
  CHECK(with("\x04\x01\x02\x01\x05\x07"sv) == "sqlite-record");   // a byte after the values
  CHECK(with("\x03\x01\x03\x01\x05"sv) == "sqlite-record");       // header too long
  CHECK(with("\x04\x01\x03\x80\x01\x05"sv) == "sqlite-record");   // type in two bytes
  CHECK(with("\x04\x01\x02\x0a\x00\x05"sv) == "sqlite-record");   // reserved type
  CHECK(with("\x80\x03\x01\x02\x01\x05"sv) == "sqlite-cell");     // length in two bytes
  CHECK(with("\x0a\x01\x02\x07\x3f\xf8\0\0\0\0\0\0"sv) == "ok");  // 1.5
  CHECK(with("\x0a\x01\x02\x07\x7f\xf8\0\0\0\0\0\1"sv) == "sqlite-record");  // read as null
  CHECK(with("\x0a\x01\x02\x07\x40\0\0\0\0\0\0\0"sv) == "sqlite-record");    // 2.0, not 2
  CHECK(with("\x0a\x01\x02\x07\x80\0\0\0\0\0\0\0"sv) == "sqlite-record");    // -0.0
  CHECK(with("\x02\x01\x02\x00"sv) == "ok");
  CHECK(with("\x01\x01\x01\x00"sv) == "ok");  // a cell has four bytes
  CHECK(with("\x01\x01\x01\x01"sv) == "sqlite-residue");
}

TEST_CASE("variable-length integers are read at their shortest only", "[check][sqlite]") {
  const auto read = [](std::string_view hex) {
    const auto bytes = from_hex(hex);
    REQUIRE(bytes);
    const auto value = read_varint(*bytes);
    return value ? std::to_string(value->value) + "/" + std::to_string(value->bytes) : "no";
  };
  CHECK(read("00") == "0/1");
  CHECK(read("7f") == "127/1");
  CHECK(read("8100") == "128/2");
  CHECK(read("ff7f") == "16383/2");
  CHECK(read("8000") == "no");
  CHECK(read("807f") == "no");
  CHECK(read("81") == "no");
  CHECK(read("") == "no");
  CHECK(read("ffffffffffffffffff") == "18446744073709551615/9");
  CHECK(read("ffffffffffffffff7f") == "18446744073709551487/9");
  CHECK(read("81808080808080807f") == "144115188075855999/9");
  CHECK(read("80ffffffffffffffff") == "144115188075855871/9");
  CHECK(read("8080ffffffffffffff") == "no");
}

TEST_CASE("every changed byte of a database is refused or reads as a database", "[check][sqlite]") {
  const Bytes good = test::scrubbed(database_of(kLarge));
  REQUIRE(walk(good) == "ok");
  // All of the header and the first pages, then every 211th byte.
  for (std::size_t at = 0; at < good.size(); at += at < 2'000 ? 1 : 211) {
    for (const unsigned change : {0x01U, 0x80U}) {
      Bytes bad = good;
      bad[at] ^= static_cast<std::byte>(change);
      const auto layout = walk_sqlite(MemorySource(bad));
      if (!layout) continue;
      CAPTURE(at, change);
      const MemorySource source(bad);
      const auto database = Database::open(source);
      if (database) (void)database->check_integrity();
    }
  }
  for (std::size_t size = 0; size < good.size(); size += 97) {
    CHECK(walk(ByteView(good).first(size)) != "ok");
  }
}

TEST_CASE("SQLite reads through the source alone, and only reads", "[check][sqlite]") {
  const Bytes bytes = database_of(kLarge);
  const MemorySource source(bytes);
  const auto database = Database::open(source);
  REQUIRE(database);
  CHECK(database->check_integrity());
  auto rows = database->select("SELECT a, b FROM t WHERE a >= ?1 AND a < ?2 ORDER BY a");
  REQUIRE(rows);
  rows->rewind(3, 5);
  REQUIRE(rows->step());
  CHECK(rows->integer(0) == 3);
  CHECK(rows->text(1) == std::string(15, 'x'));
  for (const char* const sql :
       {"INSERT INTO t VALUES (1000, 'x')", "DELETE FROM t", "CREATE TABLE u(a)",
        "ATTACH 'other.db' AS o", "PRAGMA journal_mode=WAL", "PRAGMA writable_schema=ON",
        "VACUUM INTO 'other.db'", "SELECT load_extension('x')", "SELECT randomblob(5)"}) {
    INFO(sql);
    auto made = database->select(sql);
    const bool refused = !made || !made->step();
    CHECK(refused);
  }
}

}  // namespace
}  // namespace hangu::check
