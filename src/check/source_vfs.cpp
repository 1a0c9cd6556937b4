#include "check/source_vfs.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace hangu::check {
namespace {

constexpr int kPathBytesMax = 64;
constexpr int kSectorBytes = 4096;

/// SQLite's view of the open file, made from its base.
struct OpenFile : sqlite3_file {
  const ByteSource* source;
};

const ByteSource& source_of(sqlite3_file* file) { return *static_cast<OpenFile*>(file)->source; }

int close(sqlite3_file*) { return SQLITE_OK; }

int read(sqlite3_file* file, void* out, int bytes, sqlite3_int64 offset) {
  const ByteSource& source = source_of(file);
  if (bytes < 0 || offset < 0) return SQLITE_IOERR_READ;
  const MutableByteView to(static_cast<std::byte*>(out), static_cast<std::size_t>(bytes));
  const auto at = static_cast<std::uint64_t>(offset);
  const std::uint64_t there = at >= source.size() ? 0 : source.size() - at;
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(there, to.size()));
  if (n > 0 && !source.read_at(at, to.first(n))) return SQLITE_IOERR_READ;
  std::ranges::fill(to.subspan(n), std::byte{0});
  return n == to.size() ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; }
int truncate(sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; }
int sync(sqlite3_file*, int) { return SQLITE_OK; }

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(source_of(file).size());
  return SQLITE_OK;
}

int lock(sqlite3_file*, int) { return SQLITE_OK; }
int check_reserved_lock(sqlite3_file*, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return kSectorBytes; }
int characteristics(sqlite3_file*) { return SQLITE_IOCAP_IMMUTABLE; }

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 1,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = lock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open(sqlite3_vfs* vfs, const char*, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;  // so that SQLite does not close what was not opened
  const bool main_file = (flags & SQLITE_OPEN_MAIN_DB) != 0 && (flags & SQLITE_OPEN_READONLY) != 0;
  if (!main_file) return SQLITE_CANTOPEN;
  auto* const opened = static_cast<OpenFile*>(file);
  opened->source = &static_cast<SourceVfs*>(vfs->pAppData)->source();
  opened->pMethods = &kMethods;
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs*, const char*, int) { return SQLITE_IOERR_DELETE; }
int access(sqlite3_vfs*, const char*, int, int* there) {
  *there = 0;
  return SQLITE_OK;
}
int full_path(sqlite3_vfs*, const char* name, int bytes, char* out) {
  const std::size_t size = std::strlen(name) + 1;
  if (bytes < 0 || size > static_cast<std::size_t>(bytes)) return SQLITE_CANTOPEN;
  std::memcpy(out, name, size);
  return SQLITE_OK;
}
/// Nothing here needs chance or time: what SQLite asks for when it opens is zero.
int randomness(sqlite3_vfs*, int bytes, char* out) {
  std::memset(out, 0, static_cast<std::size_t>(std::max(bytes, 0)));
  return bytes;
}
int sleep(sqlite3_vfs*, int) { return 0; }
int current_time(sqlite3_vfs*, double* days) {
  *days = 0;
  return SQLITE_OK;
}
int last_error(sqlite3_vfs*, int, char*) { return 0; }

}  // namespace

SourceVfs::SourceVfs(const ByteSource& source)
    : source_(source), name_("hangu-check-" + std::to_string(std::bit_cast<std::uintptr_t>(this))) {
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(OpenFile);
  vfs_.mxPathname = kPathBytesMax;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  vfs_.xFullPathname = full_path;
  vfs_.xRandomness = randomness;
  vfs_.xSleep = sleep;
  vfs_.xCurrentTime = current_time;
  vfs_.xGetLastError = last_error;
  registered_ = sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK;
}

SourceVfs::~SourceVfs() {
  if (registered_) sqlite3_vfs_unregister(&vfs_);
}

}  // namespace hangu::check
