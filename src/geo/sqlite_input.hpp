#pragma once
// SqliteInput: a hostile SQLite file, read through a descriptor with SQLite locked down. No path
// is opened, no other file exists for it, nothing is ever written.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hangu::geo {

/// One statement. Texts and bytes of a row live until the next step. Thread: that of its input.
class SqliteQuery {
 public:
  enum class Kind : std::uint8_t { null, integer, real, text, bytes };

  explicit SqliteQuery(sqlite3_stmt* statement);
  SqliteQuery(SqliteQuery&&) noexcept;
  SqliteQuery& operator=(SqliteQuery&&) noexcept;
  ~SqliteQuery();

  /// True when there is a row. Errors: Malformed "sqlite-damaged"; Exhausted "sqlite-limit";
  /// Internal "sqlite-failed" (the file cannot be read).
  [[nodiscard]] Result<bool> step();
  [[nodiscard]] int columns() const;
  [[nodiscard]] Kind kind(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] ByteView bytes(int column) const;

 private:
  sqlite3_stmt* statement_;
};

/// SqliteInput is the opened file. The descriptor is the caller's and outlives it.
class SqliteInput {
 public:
  /// Checks the header before SQLite sees the file. Errors: Malformed "format-mismatch" (no SQLite
  /// file), "sqlite-wal" (rows may stand in another file), "sqlite-truncated", "sqlite-damaged"
  /// (its schema too, which SQLite reads here); those of SqliteQuery::step().
  [[nodiscard]] static Result<SqliteInput> open(plain::Input input);
  SqliteInput(SqliteInput&&) noexcept;
  SqliteInput& operator=(SqliteInput&&) noexcept;
  ~SqliteInput();

  /// Prepares one SELECT or table_xinfo pragma. Errors: those of SqliteQuery::step().
  [[nodiscard]] Result<SqliteQuery> query(const std::string& sql) const;
  [[nodiscard]] std::uint32_t application_id() const;

 private:
  struct State;
  explicit SqliteInput(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// "name", with quotes in it doubled.
[[nodiscard]] std::string quoted(std::string_view name);
/// 'text', with quotes in it doubled.
[[nodiscard]] std::string literal(std::string_view text);

}  // namespace hangu::geo
