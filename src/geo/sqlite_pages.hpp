#pragma once
// SQLite database files, built page by page in one pass and without SQLite: tables in rising order
// of rowid, indexes from their sorted keys. Nothing is ever moved or freed, so there is no free
// page, no left-over byte, and the same content gives the same file.
//
// Source: "Database File Format", sqlite.org/fileformat2.html (section numbers in the code).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "geo/page_file.hpp"
#include "geo/sqlite_record.hpp"

namespace hangu::geo {

/// TableTree is one table's b-tree, fed with rows of rising rowid. Memory: a few pages, and sixteen
/// bytes a leaf. Thread: one.
class TableTree {
 public:
  explicit TableTree(PageFile& file) : file_(file) {}
  /// Adds a row whose record is `pieces` one after another.
  [[nodiscard]] Done add(std::int64_t rowid, std::span<const ByteView> pieces);
  /// Ends the tree; the number of its root page.
  [[nodiscard]] Result<std::uint32_t> finish();

  /// After finish(): writes `bytes` over the end of the first row's record, which must not have
  /// overflowed.
  [[nodiscard]] Done patch_first_row(ByteView bytes);

 private:
  friend class SchemaTree;
  struct Child {
    std::int64_t last_rowid;
    std::uint32_t page;
  };

  [[nodiscard]] Done flush_leaf();
  [[nodiscard]] Result<std::uint32_t> put_overflow(std::span<const ByteView> pieces,
                                                   std::size_t local, std::size_t length);
  [[nodiscard]] Result<std::vector<Child>> put_level(const std::vector<Child>& children);

  PageFile& file_;
  Bytes leaf_ = Bytes(kSqlitePageBytes);
  std::size_t cells_ = 0;
  std::size_t content_ = kSqlitePageBytes;
  std::int64_t last_rowid_ = 0;
  std::vector<Child> children_;
  Bytes first_leaf_;
};

/// Builds an index from records that are sorted as SQLite compares them; its root page. Each
/// record must be small enough to stay in a page (at most 900 bytes).
[[nodiscard]] Result<std::uint32_t> put_index(PageFile& file, std::span<const Bytes> records);

/// One row of sqlite_schema.
struct SchemaRow {
  std::string type;
  std::string name;
  std::string table;
  std::uint32_t root = 0;
  std::string sql;  ///< empty: null (indexes that a constraint makes)
};

/// Numbers in the file's header.
struct SqliteIdentity {
  std::uint32_t application_id = 0;
  std::uint32_t user_version = 0;
};

/// Writes the schema table and the header, and ends the file; its size in bytes.
[[nodiscard]] Result<std::uint64_t> finish_database(PageFile& file,
                                                    std::span<const SchemaRow> schema,
                                                    const SqliteIdentity& identity);

}  // namespace hangu::geo
