#pragma once
// Database: the thin layer over SQLite that the ledger and the auditor's index stand on. Statements
// are prepared once.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hangu::sqlite {

/// The reasons that failures of one database carry; literals.
struct Reasons {
  std::string_view in_use;
  std::string_view corrupt;
  std::string_view failed;
};

/// What a file is to its owner.
enum class Keeping : std::uint8_t {
  /// A record: WAL, synchronous=FULL, exclusive (a second process is refused), its integrity
  /// checked when it is opened.
  record,
  /// Made again from something else when it is lost: WAL, synchronous=OFF, others may read while
  /// one writes. A process that dies leaves it whole; a machine that dies may not. Anybody may have
  /// made the file: no trigger or view runs, nothing in its schema may call what has side effects,
  /// no text or blob is longer than kDisposableBytesMax, and a step() that works on for longer than
  /// kStepWorkMax ends as corrupt.
  disposable,
};
inline constexpr int kDisposableBytesMax = 4 << 20;
/// Instructions of SQLite's machine: minutes of work; a whole block is sorted in a hundredth.
inline constexpr std::uint64_t kStepWorkMax = 4'000'000'000;

/// Query is one use of a prepared statement: bind in order, step, read columns. Reset when it goes.
/// A failed bind shows at step(). Thread: one.
class Query {
 public:
  Query(Result<sqlite3_stmt*> statement, const Reasons& reasons, std::uint64_t& work);
  Query(Query&&) = delete;
  ~Query();

  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(std::uint32_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(std::uint8_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(bool value) { return bind(static_cast<std::int64_t>(value ? 1 : 0)); }
  Query& bind(double value);
  Query& bind(std::string_view text);
  Query& bind(ByteView blob);
  Query& bind_null();

  /// True: a row is there. False: done.
  [[nodiscard]] Result<bool> step();
  /// Runs a statement that has no rows.
  [[nodiscard]] Done run();

  /// Columns in order from the left, of the row that step() found.
  [[nodiscard]] std::int64_t integer();
  [[nodiscard]] std::uint64_t number() { return static_cast<std::uint64_t>(integer()); }
  [[nodiscard]] double real();
  [[nodiscard]] std::string text();
  [[nodiscard]] Bytes blob();
  /// The same as a view, until the next step().
  [[nodiscard]] ByteView blob_view();
  [[nodiscard]] bool is_null() const;  ///< of the next column
  void skip() { ++column_; }

 private:
  Query& bound(int code);

  sqlite3_stmt* statement_ = nullptr;
  Reasons reasons_;
  std::uint64_t* work_;  ///< done by the present step, of the database's counter
  std::optional<Error> error_;
  int bound_ = 0;
  int column_ = 0;
};

/// Database is one open file.
/// Errors: Unavailable in_use; Corrupt corrupt (also of the integrity check); Internal failed;
/// Exhausted "disk-full".
class Database {
 public:
  [[nodiscard]] static Result<Database> open(const std::string& path, Keeping keeping,
                                             const Reasons& reasons);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// `sql` is a literal: statements are kept by it.
  [[nodiscard]] Query query(std::string_view sql);
  /// Runs a script of statements without parameters.
  [[nodiscard]] Done execute(const char* script);
  /// Rows that the last statement changed.
  [[nodiscard]] std::int64_t changes() const;
  /// Number of the row that was inserted last.
  [[nodiscard]] std::int64_t last_row() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const;
  };
  Database(sqlite3* database, const Reasons& reasons)
      : reasons_(reasons), work_(std::make_unique<std::uint64_t>(0)), database_(database) {}
  [[nodiscard]] Done keep_record();
  [[nodiscard]] Done keep_disposable();

  Reasons reasons_;
  std::unique_ptr<std::uint64_t> work_;  ///< at a fixed address: SQLite counts in it
  std::unique_ptr<sqlite3, Close> database_;
  std::map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalise>> statements_;
};

}  // namespace hangu::sqlite
