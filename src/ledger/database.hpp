#pragma once
// Database: the thin layer over SQLite that the ledger stands on. Statements are prepared once.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hangu::ledger {

/// Query is one use of a prepared statement: bind in order, step, read columns. Reset when it goes.
/// A failed bind shows at step(). Thread: one.
class Query {
 public:
  explicit Query(Result<sqlite3_stmt*> statement);
  Query(Query&&) = delete;
  ~Query();

  Query& bind(std::int64_t value);
  Query& bind(std::uint64_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(std::uint32_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(std::uint8_t value) { return bind(static_cast<std::int64_t>(value)); }
  Query& bind(bool value) { return bind(static_cast<std::int64_t>(value ? 1 : 0)); }
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
  [[nodiscard]] std::string text();
  [[nodiscard]] Bytes blob();
  [[nodiscard]] bool is_null() const;  ///< of the next column
  void skip() { ++column_; }

 private:
  sqlite3_stmt* statement_ = nullptr;
  std::optional<Error> error_;
  int bound_ = 0;
  int column_ = 0;
};

/// Database is one open file. WAL, synchronous=FULL, exclusive: a second process is refused.
/// Errors: Unavailable "ledger-in-use"; Corrupt "ledger-corrupt" (integrity check), Malformed
/// "ledger-foreign" (not ours), "ledger-newer" (made by a later version); Exhausted "disk-full";
/// Internal "ledger-failed".
class Database {
 public:
  [[nodiscard]] static Result<Database> open(const std::string& path);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// `sql` is a literal: statements are kept by it.
  [[nodiscard]] Query query(std::string_view sql);
  /// Runs a script of statements without parameters.
  [[nodiscard]] Done execute(const char* script);
  /// Rows that the last statement changed.
  [[nodiscard]] std::int64_t changes() const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Finalise {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}

  std::unique_ptr<sqlite3, Close> database_;
  std::map<std::string_view, std::unique_ptr<sqlite3_stmt, Finalise>> statements_;
};

}  // namespace hangu::ledger
