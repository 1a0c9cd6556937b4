#include "geo/sqlite_input.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <sqlite3.h>

#include "base/text.hpp"
#include "os/file.hpp"
#include "plain/limits.hpp"

namespace hangu::geo {
namespace {

constexpr std::size_t kHeaderBytes = 100;
constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kWindowBytes = 256 * 1024;  ///< read ahead
constexpr int kValueBytesMax = static_cast<int>(plain::kGeometryBytesMax) + 1024;
constexpr const char* kFileName = "input";

/// The file behind the connection, with one window of it in memory unless the input has that.
struct Source {
  plain::Input input;
  std::uint64_t size = 0;
  Bytes window{};
  std::uint64_t window_start = 0;
  sqlite3_vfs vfs{};
  std::string vfs_name{};
};

/// SQLite allocates szOsFile bytes for this and treats its start as a sqlite3_file.
struct OpenFile : sqlite3_file {
  Source* source;
};

Source& source_of(sqlite3_file* file) { return *static_cast<OpenFile*>(file)->source; }

bool read_window(Source& source, std::uint64_t offset) {
  source.window_start = offset;
  source.window.resize(
      static_cast<std::size_t>(std::min<std::uint64_t>(kWindowBytes, source.size - offset)));
  return source.input.read_at(offset, source.window).has_value();
}

int file_read(sqlite3_file* file, void* out, int amount, sqlite3_int64 signed_offset) {
  Source& source = source_of(file);
  auto* to = static_cast<std::byte*>(out);
  auto offset = static_cast<std::uint64_t>(signed_offset);
  auto left = static_cast<std::size_t>(amount);
  while (left > 0) {
    if (offset >= source.size) {
      std::memset(to, 0, left);
      return SQLITE_IOERR_SHORT_READ;
    }
    if (source.input.keeps_chunks()) {
      const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left, source.size - offset));
      if (!source.input.read_at(offset, MutableByteView(to, n))) return SQLITE_IOERR_READ;
      to += n;
      offset += n;
      left -= n;
      continue;
    }
    if (offset < source.window_start || offset >= source.window_start + source.window.size()) {
      if (!read_window(source, offset)) return SQLITE_IOERR_READ;
    }
    const auto skip = static_cast<std::size_t>(offset - source.window_start);
    const std::size_t n = std::min(left, source.window.size() - skip);
    std::memcpy(to, source.window.data() + skip, n);
    to += n;
    offset += n;
    left -= n;
  }
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(source_of(file).size);
  return SQLITE_OK;
}

int file_close(sqlite3_file*) { return SQLITE_OK; }
int refuse_write(sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; }
int refuse_truncate(sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; }
int no_sync(sqlite3_file*, int) { return SQLITE_OK; }
int no_lock(sqlite3_file*, int) { return SQLITE_OK; }
int no_reserved_lock(sqlite3_file*, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int no_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return 4096; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_IMMUTABLE; }

const sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = refuse_write,
    .xTruncate = refuse_truncate,
    .xSync = no_sync,
    .xFileSize = file_size,
    .xLock = no_lock,
    .xUnlock = no_lock,
    .xCheckReservedLock = no_reserved_lock,
    .xFileControl = no_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int vfs_open(sqlite3_vfs* vfs, sqlite3_filename, sqlite3_file* file, int flags, int* out_flags) {
  auto* const opened = static_cast<OpenFile*>(file);
  opened->pMethods = nullptr;
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return SQLITE_CANTOPEN;  // no journal, no temporary file
  opened->source = static_cast<Source*>(vfs->pAppData);
  opened->pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = SQLITE_OPEN_READONLY;
  return SQLITE_OK;
}

int vfs_delete(sqlite3_vfs*, const char*, int) { return SQLITE_IOERR_DELETE; }
int vfs_access(sqlite3_vfs*, const char*, int, int* out) {
  *out = 0;
  return SQLITE_OK;
}
int vfs_full_path(sqlite3_vfs*, const char* name, int bytes, char* out) {
  sqlite3_snprintf(bytes, out, "%s", name);
  return SQLITE_OK;
}
int vfs_randomness(sqlite3_vfs*, int bytes, char* out) {
  std::memset(out, 0, static_cast<std::size_t>(bytes));  // nothing read here needs chance
  return bytes;
}
int vfs_sleep(sqlite3_vfs*, int) { return 0; }
int vfs_time(sqlite3_vfs*, double* days) {
  *days = 2440587.5;  // 1970: the file may not ask what time it is
  return SQLITE_OK;
}
int vfs_last_error(sqlite3_vfs*, int, char*) { return 0; }

std::string unique_name(const Source& source) {
  std::array<char, 64> name{};
  sqlite3_snprintf(static_cast<int>(name.size()), name.data(), "hangu-input-%p",
                   static_cast<const void*>(&source));
  return name.data();
}

/// Only reading of tables, and the pragmas that describe them.
int authorise(void*, int action, const char* first, const char*, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ: return SQLITE_OK;
    case SQLITE_PRAGMA: return std::string_view(first) == "table_xinfo" ? SQLITE_OK : SQLITE_DENY;
    default: return SQLITE_DENY;
  }
}

std::unexpected<Error> damaged(std::string what) {
  return fail(ErrorCode::malformed, "sqlite-damaged", std::move(what));
}

/// What SQLite's code means: a broken file is the sender's, memory and reading are ours.
std::unexpected<Error> failed(int code, sqlite3* db) {
  std::string message = printable(db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db));
  switch (code & 0xff) {
    case SQLITE_NOMEM:
    case SQLITE_TOOBIG:
    case SQLITE_FULL: return fail(ErrorCode::exhausted, "sqlite-limit", std::move(message));
    case SQLITE_IOERR:
    case SQLITE_INTERNAL:
    case SQLITE_MISUSE: return fail(ErrorCode::internal, "sqlite-failed", std::move(message));
    default: return damaged(std::move(message));
  }
}

void set_limits(sqlite3* db) {
  struct Limit {
    int which;
    int value;
  };
  constexpr auto kLimits = std::to_array<Limit>({{SQLITE_LIMIT_LENGTH, kValueBytesMax},
                                                 {SQLITE_LIMIT_SQL_LENGTH, 1'000'000},
                                                 {SQLITE_LIMIT_COLUMN, 2000},
                                                 {SQLITE_LIMIT_EXPR_DEPTH, 200},
                                                 {SQLITE_LIMIT_COMPOUND_SELECT, 5},
                                                 {SQLITE_LIMIT_VDBE_OP, 250'000},
                                                 {SQLITE_LIMIT_FUNCTION_ARG, 16},
                                                 {SQLITE_LIMIT_ATTACHED, 0},
                                                 {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
                                                 {SQLITE_LIMIT_VARIABLE_NUMBER, 10},
                                                 {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
                                                 {SQLITE_LIMIT_WORKER_THREADS, 0}});
  for (const Limit& limit : kLimits) sqlite3_limit(db, limit.which, limit.value);
}

/// Gives SQLite's code. The pragmas load the schema: a broken one shows here.
int harden(sqlite3* db) {
  constexpr auto kSwitches =
      std::to_array<std::pair<int, int>>({{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                          {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                                          {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                                          {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                                          {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                                          {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
                                          {SQLITE_DBCONFIG_DQS_DML, 0},
                                          {SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1}});
  for (const auto& [which, value] : kSwitches) {
    if (sqlite3_db_config(db, which, value, nullptr) != SQLITE_OK) return SQLITE_MISUSE;
  }
  set_limits(db);
  const int code = sqlite3_exec(db,
                                "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
                                "PRAGMA query_only=ON; PRAGMA temp_store=MEMORY;"
                                "PRAGMA cache_size=-16384;",
                                nullptr, nullptr, nullptr);
  return code != SQLITE_OK ? code : sqlite3_set_authorizer(db, authorise, nullptr);
}

/// The header's own word about the file, before any of it is parsed.
Done check_header(plain::Input input, std::uint64_t size, MutableByteView header) {
  if (size < kHeaderBytes) return fail(ErrorCode::malformed, "format-mismatch", "too short");
  HANGU_CHECK(input.read_at(0, header));
  const ByteView bytes(header);
  if (text_of(bytes.first(kMagic.size())) != kMagic) {
    return fail(ErrorCode::malformed, "format-mismatch", "not an SQLite file");
  }
  if (bytes[18] != std::byte{1} || bytes[19] != std::byte{1}) {
    return fail(ErrorCode::malformed, "sqlite-wal",
                "the file is in write-ahead mode: rows may be missing; close it with "
                "PRAGMA journal_mode=DELETE");
  }
  std::uint64_t page =
      std::to_integer<std::uint64_t>(bytes[16]) << 8 | std::to_integer<std::uint64_t>(bytes[17]);
  if (page == 1) page = 65'536;
  const std::uint64_t pages = load_u32(bytes.subspan(28));
  const bool states_size = load_u32(bytes.subspan(24)) == load_u32(bytes.subspan(92));
  if (page < 512 || (page & (page - 1)) != 0) return damaged("page size");
  if (states_size && pages * page > size) {
    return fail(ErrorCode::malformed, "sqlite-truncated",
                std::to_string(size) + " bytes of " + std::to_string(pages * page));
  }
  return {};
}

}  // namespace

// --- SqliteQuery --------------------------------------------------------------------------------

SqliteQuery::SqliteQuery(sqlite3_stmt* statement) : statement_(statement) {}
SqliteQuery::SqliteQuery(SqliteQuery&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}
SqliteQuery& SqliteQuery::operator=(SqliteQuery&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}
SqliteQuery::~SqliteQuery() { sqlite3_finalize(statement_); }

Result<bool> SqliteQuery::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failed(code, sqlite3_db_handle(statement_));
}

int SqliteQuery::columns() const { return sqlite3_column_count(statement_); }

SqliteQuery::Kind SqliteQuery::kind(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER: return Kind::integer;
    case SQLITE_FLOAT: return Kind::real;
    case SQLITE_TEXT: return Kind::text;
    case SQLITE_BLOB: return Kind::bytes;
    default: return Kind::null;
  }
}

std::int64_t SqliteQuery::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}
double SqliteQuery::real(int column) const { return sqlite3_column_double(statement_, column); }

std::string_view SqliteQuery::text(int column) const {
  const void* const text = sqlite3_column_text(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return text == nullptr ? std::string_view()
                         : std::string_view(static_cast<const char*>(text), size);
}

ByteView SqliteQuery::bytes(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return {static_cast<const std::byte*>(bytes), bytes == nullptr ? 0 : size};
}

// --- SqliteInput --------------------------------------------------------------------------------

struct SqliteInput::State {
  Source source;
  sqlite3* db = nullptr;
  std::uint32_t application_id = 0;
  bool registered = false;

  explicit State(plain::Input input) : source{.input = input} {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    sqlite3_close_v2(db);
    if (registered) sqlite3_vfs_unregister(&source.vfs);
  }

  Done connect() {
    source.vfs_name = unique_name(source);
    source.vfs = {};
    source.vfs.iVersion = 1;
    source.vfs.szOsFile = sizeof(OpenFile);
    source.vfs.mxPathname = 64;
    source.vfs.zName = source.vfs_name.c_str();
    source.vfs.pAppData = &source;
    source.vfs.xOpen = vfs_open;
    source.vfs.xDelete = vfs_delete;
    source.vfs.xAccess = vfs_access;
    source.vfs.xFullPathname = vfs_full_path;
    source.vfs.xRandomness = vfs_randomness;
    source.vfs.xSleep = vfs_sleep;
    source.vfs.xCurrentTime = vfs_time;
    source.vfs.xGetLastError = vfs_last_error;
    if (sqlite3_vfs_register(&source.vfs, 0) != SQLITE_OK) {
      return fail(ErrorCode::internal, "sqlite-failed", "register");
    }
    registered = true;
    int code = sqlite3_open_v2(kFileName, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                               source.vfs_name.c_str());
    if (code == SQLITE_OK) code = harden(db);
    return code == SQLITE_OK ? Done() : Done(failed(code, db));
  }
};

SqliteInput::SqliteInput(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqliteInput::SqliteInput(SqliteInput&&) noexcept = default;
SqliteInput& SqliteInput::operator=(SqliteInput&&) noexcept = default;
SqliteInput::~SqliteInput() = default;

Result<SqliteInput> SqliteInput::open(plain::Input input) {
  auto state = std::make_unique<State>(input);
  HANGU_TRY(state->source.size, input.size());
  std::array<std::byte, kHeaderBytes> header{};
  HANGU_CHECK(check_header(input, state->source.size, header));
  state->application_id = load_u32(ByteView(header).subspan(68));
  HANGU_CHECK(state->connect());
  return SqliteInput(std::move(state));
}

Result<SqliteQuery> SqliteInput::query(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(state_->db, sql.c_str(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return failed(code, state_->db);
  if (statement == nullptr) return fail(ErrorCode::internal, "sqlite-failed", "no statement");
  return SqliteQuery(statement);
}

std::uint32_t SqliteInput::application_id() const { return state_->application_id; }

std::string quoted(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + '\'';
}

}  // namespace hangu::geo
