#include "check/database.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <sqlite3.h>

#include "base/text.hpp"
#include "check/limits.hpp"
#include "check/source_vfs.hpp"

namespace hangu::check {
namespace {

std::unexpected<Error> failure(int code, sqlite3* database) {
  const std::string context =
      database == nullptr ? sqlite3_errstr(code) : printable(sqlite3_errmsg(database));
  if (code == SQLITE_NOMEM || code == SQLITE_TOOBIG) {
    return fail(ErrorCode::exhausted, "sqlite-limit", context);
  }
  return fail(ErrorCode::malformed, "sqlite-damaged", context);
}

/// What a statement may do: read columns, call a few functions, and the two pragmas of open() and
/// check_integrity().
int authorise(void*, int action, const char* first, const char* second, const char*, const char*) {
  const auto is_any = [](const char* text, std::initializer_list<std::string_view> names) {
    return text != nullptr && std::ranges::find(names, std::string_view(text)) != names.end();
  };
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ: return SQLITE_OK;
    case SQLITE_FUNCTION: return is_any(second, {"count", "max"}) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_PRAGMA:
      return is_any(first, {"integrity_check", "cell_size_check", "temp_store"}) ? SQLITE_OK
                                                                                 : SQLITE_DENY;
    default: return SQLITE_DENY;
  }
}

struct Switch {
  int option;
  int on;
};

bool harden(sqlite3* database) {
  constexpr auto kSwitches = std::to_array<Switch>({{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                                    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                                    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                                    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                                                    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                                    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
                                                    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}});
  for (const Switch& choice : kSwitches) {
    if (sqlite3_db_config(database, choice.option, choice.on, nullptr) != SQLITE_OK) return false;
  }
  constexpr auto kLimits =
      std::to_array<Switch>({{SQLITE_LIMIT_LENGTH, static_cast<int>(kSqliteRecordBytesMax)},
                             {SQLITE_LIMIT_SQL_LENGTH, static_cast<int>(kSqliteTextBytesMax)},
                             {SQLITE_LIMIT_COLUMN, static_cast<int>(kSqliteColumnsMax)},
                             {SQLITE_LIMIT_EXPR_DEPTH, 64},
                             {SQLITE_LIMIT_COMPOUND_SELECT, 4},
                             {SQLITE_LIMIT_FUNCTION_ARG, 8},
                             {SQLITE_LIMIT_ATTACHED, 0},
                             {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64},
                             {SQLITE_LIMIT_VARIABLE_NUMBER, 8},
                             {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
                             {SQLITE_LIMIT_WORKER_THREADS, 0}});
  for (const Switch& limit : kLimits) sqlite3_limit(database, limit.option, limit.on);
  return sqlite3_set_authorizer(database, authorise, nullptr) == SQLITE_OK;
}

std::string doubled(std::string_view text, char mark) {
  std::string out(1, mark);
  for (const char c : text) {
    out.push_back(c);
    if (c == mark) out.push_back(c);
  }
  out.push_back(mark);
  return out;
}

}  // namespace

std::string quoted(std::string_view name) { return doubled(name, '"'); }
std::string literal(std::string_view text) { return doubled(text, '\''); }

// --- Rows ---------------------------------------------------------------------------------------

Rows::Rows(Rows&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
Rows& Rows::operator=(Rows&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}
Rows::~Rows() { sqlite3_finalize(statement_); }

Result<bool> Rows::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(code, sqlite3_db_handle(statement_));
}

int Rows::columns() const { return sqlite3_column_count(statement_); }

Cell Rows::cell(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER: return Cell::integer;
    case SQLITE_FLOAT: return Cell::real;
    case SQLITE_TEXT: return Cell::text;
    case SQLITE_BLOB: return Cell::bytes;
    default: return Cell::null;
  }
}

std::int64_t Rows::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Rows::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view Rows::text(int column) const { return text_of(bytes(column)); }

ByteView Rows::bytes(int column) const {
  const void* const at = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (at == nullptr || size <= 0) return {};
  return {static_cast<const std::byte*>(at), static_cast<std::size_t>(size)};
}

void Rows::rewind(std::int64_t first, std::int64_t second) {
  // Both codes repeat what the last step said; a wrong binding shows as a wrong answer.
  sqlite3_reset(statement_);
  sqlite3_bind_int64(statement_, 1, first);
  sqlite3_bind_int64(statement_, 2, second);
}

// --- Database -----------------------------------------------------------------------------------

struct Database::State {
  explicit State(const ByteSource& source) : vfs(source) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { sqlite3_close(database); }  // before the file layer goes

  SourceVfs vfs;
  sqlite3* database = nullptr;
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<Database> Database::open(const ByteSource& source) {
  auto state = std::make_unique<State>(source);
  if (!state->vfs.registered()) return fail(ErrorCode::internal, "sqlite-failed", "file layer");
  const int code = sqlite3_open_v2(
      "rendition", &state->database,
      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, state->vfs.name());
  if (code != SQLITE_OK) return failure(code, state->database);
  if (!harden(state->database)) return fail(ErrorCode::internal, "sqlite-failed", "hardening");
  for (const char* const pragma : {"PRAGMA cell_size_check=ON", "PRAGMA temp_store=MEMORY"}) {
    const int done = sqlite3_exec(state->database, pragma, nullptr, nullptr, nullptr);
    if (done != SQLITE_OK) return failure(done, state->database);
  }
  return Database(std::move(state));
}

Result<Rows> Database::select(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(state_->database, sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return failure(code, state_->database);
  return Rows(statement);
}

Done Database::check_integrity() const {
  HANGU_TRY(Rows rows, select("PRAGMA integrity_check(1)"));
  HANGU_TRY(const bool row, rows.step());
  if (row && rows.text(0) == "ok") return {};
  return fail(ErrorCode::malformed, "sqlite-integrity",
              row ? printable(rows.text(0)) : std::string("no answer"));
}

}  // namespace hangu::check
