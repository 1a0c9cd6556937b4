#pragma once
// Walker of SQLite database files: reads header, b-trees, records and overflow chains straight from
// the pages and accounts for every byte of every page, before SQLite itself is allowed to look.
//
// Refused is all that a freshly written file has no need of: other journal modes than rollback,
// reserved space, free pages, pages of no tree, auto-vacuum, space that is not zero, numbers that
// are longer than they must be, values that SQLite would read as something else.
// Source: "Database File Format", sqlite.org/fileformat2.html. docs/protocols/check.md.

#include <string>
#include <vector>

#include "check/byte_source.hpp"

namespace hangu::check {

struct SqliteHeader {
  std::uint32_t page_bytes = 0;
  std::uint32_t pages = 0;
  std::uint32_t change_counter = 0;
  std::uint32_t schema_cookie = 0;
  std::uint32_t user_version = 0;
  std::uint32_t application_id = 0;
  std::uint32_t library_version = 0;  ///< of the SQLite that wrote it
};

/// A row of sqlite_schema.
struct SqliteObject {
  std::string type;  ///< "table", "index", "view", "trigger"
  std::string name;
  std::string table;
  std::uint32_t root = 0;  ///< 0 for views, triggers and virtual tables
  std::string sql;         ///< empty for indexes that a constraint made
};

/// What was measured of one b-tree.
struct SqliteTree {
  std::uint32_t root = 0;
  std::uint64_t records = 0;
  std::uint64_t pages = 0;       ///< with overflow pages
  std::int64_t first_rowid = 0;  ///< tables with records only
  std::int64_t last_rowid = 0;
  std::size_t columns_min = 0;  ///< values in a record
  std::size_t columns_max = 0;
  std::vector<bool> always_null;  ///< per column, over all records
};

struct SqliteLayout {
  SqliteHeader header;
  std::vector<SqliteObject> objects;  ///< in the order of their rows
  std::vector<SqliteTree> trees;      ///< the schema table's first
  std::uint64_t free_bytes = 0;       ///< zero bytes inside pages

  [[nodiscard]] const SqliteTree* find(std::uint32_t root) const;
};

/// Errors: Malformed "sqlite-header", "sqlite-journal-mode", "sqlite-free-pages",
/// "sqlite-page" (type, pointers or counts), "sqlite-page-twice", "sqlite-page-unreferenced",
/// "sqlite-residue" (free space that is not zero), "sqlite-cell", "sqlite-record",
/// "sqlite-overflow", "sqlite-key-order", "sqlite-depth", "sqlite-schema-table"; Exhausted
/// "sqlite-limit"; those of the source. Memory: one bit a page, a page a level. Thread: any.
[[nodiscard]] Result<SqliteLayout> walk_sqlite(const ByteSource& source);

}  // namespace hangu::check
