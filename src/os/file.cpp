#include "os/file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "base/text.hpp"
#include "os/failure.hpp"

namespace hangu::os {
namespace {

constexpr std::size_t kReadStepBytes = 64 * 1024;
/// Of one write. For larger ones the kernel looks for larger pages, which are seldom those that
/// were given back a moment ago; in a virtual machine they must then be had from the host (0.25
/// against 2.7 s a GB where it was measured; from 16 to 256 KiB it makes no difference).
constexpr std::size_t kWriteBytes = 128 * 1024;
constexpr std::size_t kTemporaryNameBytes = 8;  ///< of chance, in a temporary name

Result<UniqueFd> open_path(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return os_failure(errno, "file-open-failed", printable(path));
  return UniqueFd(fd);
}

/// Creates `name` in `folder` with exactly `mode`, whatever the umask.
Result<UniqueFd> create_in(int folder, const std::string& name, unsigned mode) {
  UniqueFd file(::openat(folder, name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOCTTY,
                         mode & 0600U));
  if (!file.valid()) return os_failure(errno, "file-open-failed", printable(name));
  if (::fchmod(file.get(), mode) != 0) {
    const int error = errno;
    ::unlinkat(folder, name.c_str(), 0);
    return os_failure(error, "file-open-failed", printable(name));
  }
  return file;
}

std::string proc_path(FdView file) { return "/proc/self/fd/" + std::to_string(file.get()); }

off_t to_offset(std::uint64_t offset) {
  HANGU_ASSERT(std::in_range<off_t>(offset));
  return static_cast<off_t>(offset);
}

/// The folder part and the last part of a path; "." when there is no folder.
std::pair<std::string, std::string> parted(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace

Result<UniqueFd> open_read(const std::string& path) { return open_path(path, O_RDONLY); }

Result<UniqueFd> open_folder(const std::string& path) {
  return open_path(path, O_RDONLY | O_DIRECTORY);
}

Result<UniqueFd> create_file(const std::string& path, unsigned mode) {
  return create_in(AT_FDCWD, path, mode);
}

Result<UniqueFd> create_unnamed(FdView folder) {
  UniqueFd file(::openat(folder.get(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0400));
  if (!file.valid()) return os_failure(errno, "file-open-failed", "unnamed file");
  return file;
}

Result<std::uint64_t> file_size(FdView file) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return os_failure(errno, "file-stat-failed", {});
  return static_cast<std::uint64_t>(status.st_size);
}

Done read_exactly_at(FdView file, std::uint64_t offset, MutableByteView out) {
  while (!out.empty()) {
    const ssize_t n = ::pread(file.get(), out.data(), out.size(), to_offset(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os_failure(errno, "file-read-failed", {});
    if (n == 0) return fail(ErrorCode::malformed, "file-short");
    out = out.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<std::size_t> read_some(FdView file, MutableByteView out) {
  ssize_t n = -1;
  do {
    n = ::read(file.get(), out.data(), out.size());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return os_failure(errno, "file-read-failed", {});
  return static_cast<std::size_t>(n);
}

Done write_all(FdView file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), std::min(bytes.size(), kWriteBytes));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os_failure(errno, "file-write-failed", {});
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

Done write_all_at(FdView file, std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n =
        ::pwrite(file.get(), bytes.data(), std::min(bytes.size(), kWriteBytes), to_offset(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os_failure(errno, "file-write-failed", {});
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<Bytes> read_file(const std::string& path, std::size_t bytes_max) {
  HANGU_TRY(const UniqueFd file, open_read(path));
  auto bytes = read_file(file.view(), bytes_max);
  if (!bytes) return std::unexpected(bytes.error().within(printable(path)));
  return bytes;
}

Result<Bytes> read_file(FdView file, std::size_t bytes_max) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return os_failure(errno, "file-stat-failed", {});
  const bool seekable = S_ISREG(status.st_mode);  // else a pipe or device: read from where it is
  const auto too_long = [&] {
    return fail(ErrorCode::exhausted, "file-too-long", "over " + std::to_string(bytes_max));
  };
  if (seekable && std::cmp_greater(status.st_size, bytes_max)) return too_long();

  Bytes bytes;
  std::size_t used = 0;
  std::size_t step = seekable ? static_cast<std::size_t>(status.st_size) + 1 : kReadStepBytes;
  while (true) {  // ends: used grows by n > 0 and is bounded by bytes_max
    if (used == bytes.size()) bytes.resize(used + std::max<std::size_t>(step, 1));
    step = kReadStepBytes;
    const std::size_t room = bytes.size() - used;
    const ssize_t n = seekable ? ::pread(file.get(), bytes.data() + used, room, to_offset(used))
                               : ::read(file.get(), bytes.data() + used, room);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os_failure(errno, "file-read-failed", {});
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > bytes_max) return too_long();
  }
  bytes.resize(used);
  return bytes;
}

Done write_file_durably(const std::string& path, ByteView bytes, unsigned mode) {
  const auto parts = parted(path);
  const std::string& name = parts.second;
  HANGU_TRY(const UniqueFd folder, open_folder(parts.first));

  std::array<std::byte, kTemporaryNameBytes> chance{};
  if (::getrandom(chance.data(), chance.size(), 0) != static_cast<ssize_t>(chance.size())) {
    return os_failure(errno, "file-write-failed", "no chance for a temporary name");
  }
  const std::string temporary = "." + name + ".new-" + to_hex(chance);
  const auto written = [&]() -> Done {
    HANGU_TRY(const UniqueFd file, create_in(folder.get(), temporary, mode));
    HANGU_CHECK(write_all(file.view(), bytes));
    HANGU_CHECK(sync_all(file.view()));
    if (::renameat(folder.get(), temporary.c_str(), folder.get(), name.c_str()) != 0) {
      return os_failure(errno, "file-rename-failed", {});
    }
    return sync_all(folder.view());
  }();
  if (written) return {};
  ::unlinkat(folder.get(), temporary.c_str(), 0);
  return std::unexpected(written.error().within(printable(path)));
}

Done sync_data(FdView file) {
  // Not repeated on failure: the kernel forgets the dirty pages, a second sync would lie.
  if (::fdatasync(file.get()) != 0) return fail(ErrorCode::internal, "sync-failed", {}, errno);
  return {};
}

Done sync_all(FdView file_or_folder) {
  if (::fsync(file_or_folder.get()) != 0) {
    return fail(ErrorCode::internal, "sync-failed", {}, errno);
  }
  return {};
}

void start_writing_back(FdView file, std::uint64_t offset, std::uint64_t bytes) {
  if (bytes == 0) return;  // to the kernel it would mean: up to the end
  (void)::sync_file_range(file.get(), to_offset(offset), to_offset(bytes), SYNC_FILE_RANGE_WRITE);
}

void drop_behind(FdView file, std::uint64_t offset, std::uint64_t bytes) {
  if (bytes == 0) return;  // as above
  (void)::posix_fadvise(file.get(), to_offset(offset), to_offset(bytes), POSIX_FADV_DONTNEED);
}

Done link_unnamed(FdView file, FdView folder, const std::string& name) {
  // The magic link needs no capability, unlike AT_EMPTY_PATH before Linux 6.10.
  if (::linkat(AT_FDCWD, proc_path(file).c_str(), folder.get(), name.c_str(), AT_SYMLINK_FOLLOW) !=
      0) {
    return os_failure(errno, "file-link-failed", printable(name));
  }
  return {};
}

Done remove_file(FdView folder, const std::string& name) {
  if (::unlinkat(folder.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
    return os_failure(errno, "file-remove-failed", printable(name));
  }
  return {};
}

Done make_folders(const std::string& path, unsigned mode) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && ::mkdir(part.c_str(), mode & 0700U) == 0) {
      if (::chmod(part.c_str(), mode) != 0) {  // exactly `mode`, whatever the umask
        return os_failure(errno, "folder-create-failed", printable(part));
      }
    } else if (errno != EEXIST || end == std::string::npos) {
      const int error = errno;  // a read-only parent says EROFS or EACCES before EEXIST
      struct stat status{};
      const bool there = ::stat(part.c_str(), &status) == 0;
      if (error == ENOTDIR || (there && !S_ISDIR(status.st_mode))) {
        return fail(ErrorCode::forbidden, "folder-not-usable", printable(part));
      }
      if (!there) return os_failure(error, "folder-create-failed", printable(part));
    }
    if (end == std::string::npos) return {};
  }
}

Result<UniqueFd> reopen_read_only(FdView file) { return open_path(proc_path(file), O_RDONLY); }

Done prove_frozen(FdView read_only) {
  const int flags = ::fcntl(read_only.get(), F_GETFL);
  if (flags < 0) return os_failure(errno, "lease-failed", {});
  if ((flags & O_ACCMODE) != O_RDONLY) {
    return fail(ErrorCode::forbidden, "output-still-writable", "this descriptor itself can write");
  }
  // Should root break the lease while it is held, the news comes as a signal that is ignored by
  // default instead of SIGIO, which kills.
  if (::fcntl(read_only.get(), F_SETSIG, SIGURG) != 0) return os_failure(errno, "lease-failed", {});
  if (::fcntl(read_only.get(), F_SETLEASE, F_RDLCK) != 0) {
    if (errno == EAGAIN) {
      return fail(ErrorCode::forbidden, "output-still-writable",
                  "a write descriptor or a shared writable mapping lives", errno);
    }
    return fail(ErrorCode::internal, "lease-failed", {}, errno);
  }
  if (::fcntl(read_only.get(), F_SETLEASE, F_UNLCK) != 0) {
    return fail(ErrorCode::internal, "lease-failed", "release", errno);
  }
  return {};
}

Result<std::uint64_t> free_bytes(FdView folder) {
  struct statvfs status{};
  if (::fstatvfs(folder.get(), &status) != 0) return os_failure(errno, "file-stat-failed", {});
  return std::uint64_t{status.f_bavail} * std::uint64_t{status.f_frsize};
}

}  // namespace hangu::os
