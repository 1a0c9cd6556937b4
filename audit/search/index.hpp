#pragma once
// SearchIndex: which entries have which values, in one SQLite file. It is disposable: everything in
// it can be made again from the log, and nothing in it is anybody's word.
// docs/protocols/audit-search.md §2.
//
//   value    (field, text) pairs, each once, with the words that are searched of it
//   posting  for each block of 65,536 entries and each value: which entries of the block have it
//   entry    leaf hash, time, and the `transfer.stated` that speaks of it
//   stated   the latest `transfer.stated` of each transfer, with its values
//   mark     how far it goes: first entry, size, root of the tree of that size, origin

#include <optional>
#include <string>

#include "audit/checkpoint.hpp"
#include "audit/search/bits.hpp"
#include "audit/search/values.hpp"
#include "sqlite/database.hpp"

namespace hangu::audit::search {

/// How far an index goes.
struct Mark {
  std::string origin;
  std::uint64_t first = 0;  ///< older entries were pruned when it was begun
  TreeHead head;
};

/// A row of `entry`.
struct IndexedEntry {
  Hash leaf{};
  WallTime time;
  std::optional<std::uint64_t> stated;
};

/// Errors of all: Unavailable "index-in-use"; Corrupt "index-corrupt"; Internal "index-failed";
/// Exhausted "disk-full". Thread: one.
class SearchIndex {
 public:
  /// Opens or makes the file. One of another version, with another schema than ours, or damaged, is
  /// begun anew.
  [[nodiscard]] static Result<SearchIndex> open(const std::string& path);
  /// Opens it for questions, which all see it as it was at the first, whoever writes meanwhile.
  /// Errors: also Unavailable "index-missing" (no file, or an empty or
  /// foreign one).
  [[nodiscard]] static Result<SearchIndex> open_made(const std::string& path);

  /// Removes the file, for one that is to be made anew. Missing is fine.
  static void remove(const std::string& path);

  /// Nothing while nothing was indexed.
  [[nodiscard]] Result<std::optional<Mark>> mark();
  [[nodiscard]] Done set_mark(const Mark& mark);
  [[nodiscard]] Result<std::optional<IndexedEntry>> entry(std::uint64_t index);
  /// The first indexed entry that is not before `time`; the mark's size when none is.
  [[nodiscard]] Result<std::uint64_t> find_time(WallTime time, const Mark& mark);
  [[nodiscard]] Result<std::optional<std::int64_t>> find_value(Field field, std::string_view text);
  /// All values that an entry has, its own and its transfer's.
  [[nodiscard]] Result<std::vector<Value>> values_of(std::uint64_t index);

  [[nodiscard]] sqlite::Database& database() { return database_; }

 private:
  explicit SearchIndex(sqlite::Database database) : database_(std::move(database)) {}
  [[nodiscard]] static Result<SearchIndex> open_file(const std::string& path);
  [[nodiscard]] Result<bool> is_ours();
  sqlite::Database database_;
};

/// Ids of values begin with their field, so that in a block those of one field stand together, in
/// the order in which they first came.
inline constexpr unsigned kIdBits = 48;
[[nodiscard]] constexpr std::int64_t first_id(Field field) {
  return static_cast<std::int64_t>(field) << kIdBits;
}
[[nodiscard]] constexpr Field field_of(std::int64_t id) {
  return static_cast<Field>(id >> kIdBits);
}

/// A time as it is kept: milliseconds since 1970.
[[nodiscard]] std::int64_t kept_time(WallTime time);
[[nodiscard]] WallTime time_from(std::int64_t kept);

}  // namespace hangu::audit::search
