#pragma once
// Database: a walked SQLite file, opened with SQLite locked down: read-only through an own file
// layer over a ByteSource (no path, no journal, no other file), no trigger, view, extension or
// function that reaches out, an allow-list of what a statement may do.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "check/byte_source.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hangu::check {

enum class Cell : std::uint8_t { null, integer, real, text, bytes };

/// Rows of one statement. Views of a row live until the next step. Thread: that of its database.
class Rows {
 public:
  explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&& other) noexcept;
  ~Rows();

  /// True when there is a row. Errors: Malformed "sqlite-damaged"; Exhausted "sqlite-limit".
  [[nodiscard]] Result<bool> step();
  [[nodiscard]] int columns() const;
  [[nodiscard]] Cell cell(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string_view text(int column) const;
  [[nodiscard]] ByteView bytes(int column) const;
  /// Back to before the first row, with the integers for ?1 and ?2.
  void rewind(std::int64_t first, std::int64_t second);

 private:
  sqlite3_stmt* statement_;
};

class Database {
 public:
  /// Borrows the source. Errors: Malformed "sqlite-damaged"; Internal "sqlite-failed".
  [[nodiscard]] static Result<Database> open(const ByteSource& source);
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  /// Prepares one SELECT. Errors: Malformed "sqlite-damaged"; Exhausted "sqlite-limit".
  [[nodiscard]] Result<Rows> select(const std::string& sql) const;
  /// SQLite's own opinion. Errors: Malformed "sqlite-integrity" with its first complaint.
  [[nodiscard]] Done check_integrity() const;

 private:
  struct State;
  explicit Database(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// "name" for SQL, with quotes in it doubled.
[[nodiscard]] std::string quoted(std::string_view name);
/// 'text' for SQL, with apostrophes in it doubled.
[[nodiscard]] std::string literal(std::string_view text);

}  // namespace hangu::check
