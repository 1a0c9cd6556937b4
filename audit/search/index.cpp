#include "audit/search/index.hpp"

#include <filesystem>

#include "base/text.hpp"

namespace hangu::audit::search {
namespace {

constexpr std::int64_t kApplicationId = 0x48474153;  ///< "HGAS"
constexpr std::int64_t kVersion = 2;
constexpr std::int64_t kTimeMax = 253'402'300'799'999;  ///< the last millisecond of year 9999
constexpr std::size_t kSchemaBytesMax = 64 * 1024;
constexpr sqlite::Reasons kReasons{
    .in_use = "index-in-use", .corrupt = "index-corrupt", .failed = "index-failed"};

// The words are kept beside the full-text index, so that the one can be held against the other.
// Words come cut already, of letters and digits or beyond ASCII: that is what "ascii" leaves whole.
constexpr const char* kSchema = R"sql(
BEGIN;
CREATE TABLE mark (
  origin TEXT NOT NULL,
  first  INTEGER NOT NULL,
  size   INTEGER NOT NULL,
  root   BLOB NOT NULL
) STRICT;
CREATE TABLE value (
  id    INTEGER PRIMARY KEY,
  field INTEGER NOT NULL,
  text  TEXT NOT NULL,
  words TEXT NOT NULL,
  UNIQUE (field, text)
) STRICT;
CREATE VIRTUAL TABLE word USING fts5 (
  words, content = 'value', content_rowid = 'id', columnsize = 0, tokenize = 'ascii'
);
CREATE TABLE posting (
  block INTEGER NOT NULL,
  value INTEGER NOT NULL,
  bits  BLOB NOT NULL,
  PRIMARY KEY (block, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
  id     INTEGER PRIMARY KEY,
  leaf   BLOB NOT NULL,
  time   INTEGER NOT NULL,
  stated INTEGER
) STRICT;
CREATE TABLE stated (
  transfer TEXT PRIMARY KEY,
  entry    INTEGER NOT NULL,
  ids      BLOB NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1212629331;
PRAGMA user_version = 2;
COMMIT;
)sql";
static_assert(kApplicationId == 1212629331 && kVersion == 2);

std::unexpected<Error> corrupt(const char* what) {
  return fail(ErrorCode::corrupt, "index-corrupt", what);
}

/// What a database's schema is made of: type, name, table and text of each object.
Result<std::string> schema_of(sqlite::Database& database) {
  sqlite::Query query = database.query(
      "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name");
  std::string out;
  for (;;) {
    HANGU_TRY(const bool row, query.step());
    if (!row) return out;
    if (out.size() > kSchemaBytesMax) return corrupt("schema");
    for (int column = 0; column < 4; ++column) out += query.text() + '\0';
  }
}

/// The schema that this version makes.
Result<std::string> own_schema() {
  HANGU_TRY(sqlite::Database made,
            sqlite::Database::open(":memory:", sqlite::Keeping::disposable, kReasons));
  HANGU_CHECK(made.execute(kSchema));
  return schema_of(made);
}

Result<std::int64_t> number_of(sqlite::Database& database, std::string_view sql) {
  sqlite::Query query = database.query(sql);
  HANGU_TRY(const bool row, query.step());
  return row ? query.integer() : 0;
}

}  // namespace

std::int64_t kept_time(WallTime time) { return time.since_epoch().count(); }
WallTime time_from(std::int64_t kept) { return WallTime(std::chrono::milliseconds(kept)); }

void SearchIndex::remove(const std::string& path) {
  std::error_code ignored;
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end, ignored);
}

Result<SearchIndex> SearchIndex::open_file(const std::string& path) {
  HANGU_TRY(sqlite::Database database,
            sqlite::Database::open(path, sqlite::Keeping::disposable, kReasons));
  return SearchIndex(std::move(database));
}

Result<bool> SearchIndex::is_ours() {
  HANGU_TRY(const std::int64_t id, number_of(database_, "PRAGMA application_id"));
  HANGU_TRY(const std::int64_t version, number_of(database_, "PRAGMA user_version"));
  if (id != kApplicationId || version != kVersion) return false;
  // No trigger, no view, no table more, and none that is another: the file may be anybody's.
  HANGU_TRY(const std::string ours, own_schema());
  HANGU_TRY(const std::string there, schema_of(database_));
  return there == ours;
}

Result<SearchIndex> SearchIndex::open(const std::string& path) {
  {
    auto there = open_file(path);
    const auto ours = there ? there->is_ours() : Result<bool>(std::unexpected(there.error()));
    if (ours && *ours) return there;
    if (!ours && ours.error().code() != ErrorCode::corrupt) return std::unexpected(ours.error());
  }  // closed before its files go
  remove(path);
  HANGU_TRY(SearchIndex made, open_file(path));
  HANGU_CHECK(made.database_.execute(kSchema));
  return made;
}

Result<SearchIndex> SearchIndex::open_made(const std::string& path) {
  const auto missing = [&] { return fail(ErrorCode::unavailable, "index-missing", path); };
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return missing();
  HANGU_TRY(SearchIndex there, open_file(path));
  HANGU_CHECK(there.database_.execute("BEGIN"));  // until it is closed
  HANGU_TRY(const bool ours, there.is_ours());
  if (!ours) return missing();
  HANGU_TRY(const auto mark, there.mark());
  if (!mark) return missing();
  return there;
}

Result<std::optional<Mark>> SearchIndex::mark() {
  sqlite::Query query = database_.query("SELECT origin, first, size, root FROM mark");
  HANGU_TRY(const bool row, query.step());
  if (!row) return std::optional<Mark>();
  Mark mark;
  mark.origin = query.text();
  mark.first = query.number();
  mark.head.size = query.number();
  const auto root = hash_from(query.blob_view());
  if (!root || mark.first > mark.head.size) return corrupt("mark");
  mark.head.root = *root;
  return std::optional(std::move(mark));
}

Done SearchIndex::set_mark(const Mark& mark) {
  HANGU_CHECK(database_.query("DELETE FROM mark").run());
  sqlite::Query query = database_.query("INSERT INTO mark VALUES (?, ?, ?, ?)");
  query.bind(std::string_view(mark.origin)).bind(mark.first).bind(mark.head.size);
  query.bind(ByteView(mark.head.root));
  return query.run();
}

Result<std::optional<IndexedEntry>> SearchIndex::entry(std::uint64_t index) {
  sqlite::Query query = database_.query("SELECT leaf, time, stated FROM entry WHERE id = ?");
  query.bind(index);
  HANGU_TRY(const bool row, query.step());
  if (!row) return std::optional<IndexedEntry>();
  const auto leaf = hash_from(query.blob_view());
  if (!leaf) return corrupt("leaf hash");
  const std::int64_t time = query.integer();
  if (time < 0 || time > kTimeMax) return corrupt("time");
  IndexedEntry out{.leaf = *leaf, .time = time_from(time), .stated = std::nullopt};
  if (!query.is_null()) out.stated = query.number();
  return std::optional(out);
}

Result<std::uint64_t> SearchIndex::find_time(WallTime time, const Mark& mark) {
  std::uint64_t low = mark.first;
  std::uint64_t high = mark.head.size;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    // Rows may be missing in a spoiled index: the next one stands for them.
    sqlite::Query query =
        database_.query("SELECT time FROM entry WHERE id >= ? ORDER BY id LIMIT 1");
    query.bind(middle);
    HANGU_TRY(const bool row, query.step());
    if (row && time_from(query.integer()) < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Result<std::optional<std::int64_t>> SearchIndex::find_value(Field field, std::string_view text) {
  sqlite::Query query = database_.query("SELECT id FROM value WHERE field = ? AND text = ?");
  query.bind(static_cast<std::uint8_t>(field)).bind(text);
  HANGU_TRY(const bool row, query.step());
  return row ? std::optional(query.integer()) : std::nullopt;
}

Result<std::vector<Value>> SearchIndex::values_of(std::uint64_t index) {
  std::vector<Value> values;
  sqlite::Query query = database_.query(
      "SELECT bits, field, text FROM posting JOIN value ON value.id = posting.value "
      "WHERE block = ? ORDER BY field, text");
  query.bind(index / kBlockEntries);
  for (;;) {
    HANGU_TRY(const bool row, query.step());
    if (!row) return values;
    Bits bits;
    HANGU_CHECK(bits.add(query.blob_view()));
    if (!bits.has(static_cast<std::uint16_t>(index % kBlockEntries))) continue;
    const std::int64_t field = query.integer();
    if (field < 1 || field > static_cast<std::int64_t>(kLastField)) return corrupt("field");
    std::string text = query.text();
    if (!is_utf8(text)) return corrupt("text of a value");
    values.push_back({static_cast<Field>(field), std::move(text)});
  }
}

}  // namespace hangu::audit::search
