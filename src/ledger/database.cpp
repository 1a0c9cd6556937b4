#include "ledger/database.hpp"

#include <cstring>

#include <sqlite3.h>

#include "base/text.hpp"

namespace hangu::ledger {
namespace {

constexpr int kBusyMilliseconds = 2000;
constexpr int kCheckpointPages = 4000;  ///< 16 MiB of log before it is folded in

std::unexpected<Error> sqlite_failure(int code, const char* message) {
  std::string context(printable(message == nullptr ? "" : message));
  switch (code & 0xff) {
    case SQLITE_FULL: return fail(ErrorCode::exhausted, "disk-full", std::move(context));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return fail(ErrorCode::corrupt, "ledger-corrupt", std::move(context));
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail(ErrorCode::unavailable, "ledger-in-use", std::move(context));
    default: return fail(ErrorCode::internal, "ledger-failed", std::move(context));
  }
}

}  // namespace

Query::Query(Result<sqlite3_stmt*> statement) {
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

Query& Query::bind(std::int64_t value) {
  ++bound_;
  if (!error_ && sqlite3_bind_int64(statement_, bound_, value) != SQLITE_OK) {
    error_ = Error(ErrorCode::internal, "ledger-failed", "bind");
  }
  return *this;
}

Query& Query::bind(std::string_view text) {
  ++bound_;
  if (!error_ && sqlite3_bind_text64(statement_, bound_, text.data(), text.size(), SQLITE_TRANSIENT,
                                     SQLITE_UTF8) != SQLITE_OK) {
    error_ = Error(ErrorCode::internal, "ledger-failed", "bind");
  }
  return *this;
}

Query& Query::bind(ByteView blob) {
  ++bound_;
  const void* const start = blob.empty() ? "" : static_cast<const void*>(blob.data());
  if (!error_ &&
      sqlite3_bind_blob64(statement_, bound_, start, blob.size(), SQLITE_TRANSIENT) != SQLITE_OK) {
    error_ = Error(ErrorCode::internal, "ledger-failed", "bind");
  }
  return *this;
}

Query& Query::bind_null() {
  ++bound_;
  if (!error_ && sqlite3_bind_null(statement_, bound_) != SQLITE_OK) {
    error_ = Error(ErrorCode::internal, "ledger-failed", "bind");
  }
  return *this;
}

Result<bool> Query::step() {
  if (error_) return std::unexpected(*error_);
  column_ = 0;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_failure(code, sqlite3_errmsg(sqlite3_db_handle(statement_)));
}

Done Query::run() {
  HANGU_TRY(const bool row, step());
  (void)row;
  return {};
}

std::int64_t Query::integer() { return sqlite3_column_int64(statement_, column_++); }

std::string Query::text() {
  const Bytes bytes = blob();
  return std::string(text_of(bytes));
}

Bytes Query::blob() {
  const void* const start = sqlite3_column_blob(statement_, column_);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_));
  ++column_;
  Bytes bytes(size);
  if (size != 0) std::memcpy(bytes.data(), start, size);
  return bytes;
}

bool Query::is_null() const { return sqlite3_column_type(statement_, column_) == SQLITE_NULL; }

void Database::Close::operator()(sqlite3* database) const { sqlite3_close(database); }
void Database::Finalise::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() { statements_.clear(); }

Result<Database> Database::open(const std::string& path) {
  sqlite3* raw = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &raw, kFlags, nullptr);
  Database database(raw);
  if (code != SQLITE_OK) {
    return sqlite_failure(code, raw == nullptr ? "open" : sqlite3_errmsg(raw));
  }
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Exclusive before WAL: then no shared-memory file is needed.
  HANGU_CHECK(database.execute("PRAGMA locking_mode=EXCLUSIVE;"));
  HANGU_CHECK(database.execute("PRAGMA journal_mode=WAL;"));
  HANGU_CHECK(
      database.execute("PRAGMA synchronous=FULL;"
                       "PRAGMA foreign_keys=OFF;"
                       "PRAGMA cell_size_check=ON;"
                       "PRAGMA temp_store=MEMORY;"));
  sqlite3_wal_autocheckpoint(raw, kCheckpointPages);
  HANGU_CHECK(database.execute("BEGIN IMMEDIATE; COMMIT;"));  // takes the lock, or says who cannot

  Query check = database.query("PRAGMA integrity_check(1)");
  HANGU_TRY(const bool row, check.step());
  if (!row) return fail(ErrorCode::corrupt, "ledger-corrupt", "no answer to the integrity check");
  const std::string verdict = check.text();
  if (verdict != "ok") return fail(ErrorCode::corrupt, "ledger-corrupt", printable(verdict));
  return database;
}

Query Database::query(std::string_view sql) {
  const auto found = statements_.find(sql);
  if (found != statements_.end()) return Query(found->second.get());
  sqlite3_stmt* raw = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (code != SQLITE_OK) return Query(sqlite_failure(code, sqlite3_errmsg(database_.get())));
  statements_.emplace(sql, raw);
  return Query(raw);
}

Done Database::execute(const char* script) {
  const int code = sqlite3_exec(database_.get(), script, nullptr, nullptr, nullptr);
  if (code == SQLITE_OK) return {};
  return sqlite_failure(code, sqlite3_errmsg(database_.get()));
}

std::int64_t Database::changes() const { return sqlite3_changes64(database_.get()); }

}  // namespace hangu::ledger
