#include "sqlite/database.hpp"

#include <sqlite3.h>

#include "base/text.hpp"

namespace hangu::sqlite {
namespace {

constexpr int kBusyMilliseconds = 2000;
constexpr int kCheckpointPages = 4000;   ///< 16 MiB of log before it is folded in
constexpr int kWorkCounted = 1'000'000;  ///< instructions between two counts

/// SQLite's callback: not 0 ends the step.
int count_work(void* work) {
  std::uint64_t& done = *static_cast<std::uint64_t*>(work);
  done += kWorkCounted;
  return done > kStepWorkMax ? 1 : 0;
}

std::unexpected<Error> sqlite_failure(int code, const char* message, const Reasons& reasons) {
  std::string context(printable(message == nullptr ? "" : message));
  switch (code & 0xff) {
    case SQLITE_FULL: return fail(ErrorCode::exhausted, "disk-full", std::move(context));
    case SQLITE_CORRUPT:
    case SQLITE_INTERRUPT:  // by count_work alone
    case SQLITE_TOOBIG:
    case SQLITE_NOTADB: return fail(ErrorCode::corrupt, reasons.corrupt, std::move(context));
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail(ErrorCode::unavailable, reasons.in_use, std::move(context));
    default: return fail(ErrorCode::internal, reasons.failed, std::move(context));
  }
}

}  // namespace

Query::Query(Result<sqlite3_stmt*> statement, const Reasons& reasons, std::uint64_t& work)
    : reasons_(reasons), work_(&work) {
  if (statement) {
    statement_ = *statement;
  } else {
    error_ = statement.error();
  }
}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Query& Query::bound(int code) {
  if (code != SQLITE_OK && !error_) error_ = Error(ErrorCode::internal, reasons_.failed, "bind");
  return *this;
}

Query& Query::bind(std::int64_t value) {
  ++bound_;
  return error_ ? *this : bound(sqlite3_bind_int64(statement_, bound_, value));
}

Query& Query::bind(double value) {
  ++bound_;
  return error_ ? *this : bound(sqlite3_bind_double(statement_, bound_, value));
}

Query& Query::bind(std::string_view text) {
  ++bound_;
  if (error_) return *this;
  const char* const start = text.empty() ? "" : text.data();  // null would bind NULL
  return bound(
      sqlite3_bind_text64(statement_, bound_, start, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

Query& Query::bind(ByteView blob) {
  ++bound_;
  if (error_) return *this;
  const void* const start = blob.empty() ? "" : static_cast<const void*>(blob.data());
  return bound(sqlite3_bind_blob64(statement_, bound_, start, blob.size(), SQLITE_TRANSIENT));
}

Query& Query::bind_null() {
  ++bound_;
  return error_ ? *this : bound(sqlite3_bind_null(statement_, bound_));
}

Result<bool> Query::step() {
  if (error_) return std::unexpected(*error_);
  column_ = 0;
  *work_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_failure(code, sqlite3_errmsg(sqlite3_db_handle(statement_)), reasons_);
}

Done Query::run() {
  HANGU_TRY(const bool row, step());
  (void)row;
  return {};
}

std::int64_t Query::integer() { return sqlite3_column_int64(statement_, column_++); }

double Query::real() { return sqlite3_column_double(statement_, column_++); }

std::string Query::text() { return std::string(text_of(blob_view())); }

ByteView Query::blob_view() {
  const void* const start = sqlite3_column_blob(statement_, column_);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_));
  ++column_;
  return {static_cast<const std::byte*>(start), size};
}

Bytes Query::blob() { return to_bytes(blob_view()); }

bool Query::is_null() const { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }

void Database::Close::operator()(sqlite3* database) const { sqlite3_close(database); }
void Database::Finalise::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() { statements_.clear(); }

Result<Database> Database::open(const std::string& path, Keeping keeping, const Reasons& reasons) {
  sqlite3* raw = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &raw, kFlags, nullptr);
  Database database(raw, reasons);
  if (code != SQLITE_OK)
    return sqlite_failure(code, raw == nullptr ? "open" : sqlite3_errmsg(raw), reasons);
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  HANGU_CHECK(keeping == Keeping::record ? database.keep_record() : database.keep_disposable());
  return database;
}

Done Database::keep_record() {
  // Exclusive before WAL: then no shared-memory file is needed.
  HANGU_CHECK(execute("PRAGMA locking_mode=EXCLUSIVE;"));
  HANGU_CHECK(execute("PRAGMA journal_mode=WAL;"));
  HANGU_CHECK(
      execute("PRAGMA synchronous=FULL;"
              "PRAGMA foreign_keys=OFF;"
              "PRAGMA cell_size_check=ON;"
              "PRAGMA temp_store=MEMORY;"));
  sqlite3_wal_autocheckpoint(database_.get(), kCheckpointPages);
  HANGU_CHECK(execute("BEGIN IMMEDIATE; COMMIT;"));  // takes the lock, or says who cannot

  Query check = query("PRAGMA integrity_check(1)");
  HANGU_TRY(const bool row, check.step());
  if (!row) return fail(ErrorCode::corrupt, reasons_.corrupt, "no answer to the integrity check");
  const std::string verdict = check.text();
  if (verdict != "ok") return fail(ErrorCode::corrupt, reasons_.corrupt, printable(verdict));
  return {};
}

Done Database::keep_disposable() {
  sqlite3* const raw = database_.get();
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, kDisposableBytesMax);
  sqlite3_progress_handler(raw, kWorkCounted, &count_work, work_.get());
  HANGU_CHECK(execute("PRAGMA cell_size_check=ON;"));
  HANGU_CHECK(execute("PRAGMA journal_mode=WAL;"));
  sqlite3_wal_autocheckpoint(database_.get(), kCheckpointPages);
  return execute(
      "PRAGMA synchronous=OFF;"
      "PRAGMA temp_store=MEMORY;"
      "PRAGMA cache_size=-262144;");  // KiB
}

Query Database::query(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return {found->second.get(), reasons_, *work_};
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK)
    return {sqlite_failure(code, sqlite3_errmsg(database_.get()), reasons_), reasons_, *work_};
  statements_.emplace(sql, raw);
  return {raw, reasons_, *work_};
}

Done Database::execute(const char* script) {
  *work_ = 0;
  const int code = sqlite3_exec(database_.get(), script, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return sqlite_failure(code, sqlite3_errmsg(database_.get()), reasons_);
}

std::int64_t Database::last_row() const { return sqlite3_last_insert_rowid(database_.get()); }

std::int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

}  // namespace hangu::sqlite
