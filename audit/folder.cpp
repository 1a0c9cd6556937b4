#include "audit/folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "base/text.hpp"
#include "os/failure.hpp"
#include "os/file.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kFailed = "audit-folder-failed";
constexpr unsigned kFolderMode = 0755;
constexpr unsigned kFileMode = 0644;
constexpr unsigned kFinalFileMode = 0444;

struct CloseStream {
  void operator()(DIR* stream) const { ::closedir(stream); }
};

Result<os::UniqueFd> open_below(os::FdView folder, const std::string& path, int flags,
                                unsigned mode = 0) {
  os::UniqueFd file(::openat(folder.get(), path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!file.valid()) return os::os_failure(errno, kFailed, printable(path));
  return file;
}

}  // namespace

Result<Folder> Folder::open(os::FdView folder) {
  HANGU_TRY(os::UniqueFd own, open_below(folder, ".", O_RDONLY | O_DIRECTORY));
  return Folder(std::move(own));
}

Result<Folder> Folder::open(const std::string& path) {
  HANGU_TRY(os::UniqueFd own, os::open_folder(path));
  return Folder(std::move(own));
}

Result<Folder> Folder::subfolder(const std::string& path) const {
  HANGU_TRY(os::UniqueFd own, open_below(view(), path, O_RDONLY | O_DIRECTORY));
  return Folder(std::move(own));
}

Result<bool> Folder::make_subfolder(const std::string& name) const {
  if (::mkdirat(folder_.get(), name.c_str(), kFolderMode) == 0) return true;
  if (errno == EEXIST) return false;
  return os::os_failure(errno, kFailed, printable(name));
}

Result<std::vector<std::string>> Folder::names(std::size_t names_max) const {
  HANGU_TRY(os::UniqueFd own, open_below(view(), ".", O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, CloseStream> stream(::fdopendir(own.get()));
  if (!stream) return os::os_failure(errno, kFailed, "list");
  (void)own.release();  // closed with the stream
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* found = ::readdir(stream.get())) {
    const std::string_view name(found->d_name);
    if (name == "." || name == "..") continue;
    if (names.size() == names_max) return fail(ErrorCode::exhausted, "audit-folder-too-full");
    names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return os::os_failure(errno, kFailed, "list");
  std::ranges::sort(names);
  return names;
}

Result<bool> Folder::has(const std::string& path) const {
  struct stat status{};
  if (::fstatat(folder_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return os::os_failure(errno, kFailed, printable(path));
}

Result<os::UniqueFd> Folder::open_read(const std::string& path) const {
  return open_below(view(), path, O_RDONLY);
}

Result<os::UniqueFd> Folder::open_write(const std::string& path) const {
  return open_below(view(), path, O_RDWR);
}

Result<Bytes> Folder::read(const std::string& path, std::size_t bytes_max) const {
  HANGU_TRY(const os::UniqueFd file, open_read(path));
  auto bytes = os::read_file(file.view(), bytes_max);
  if (!bytes) return std::unexpected(bytes.error().within(printable(path)));
  return bytes;
}

Result<os::UniqueFd> Folder::create(const std::string& name) const {
  HANGU_CHECK(remove(name));
  return open_below(view(), name, O_RDWR | O_CREAT | O_EXCL, kFileMode);
}

Done Folder::write_temporary(const std::string& name, ByteView bytes) const {
  HANGU_TRY(const os::UniqueFd file, create(name));
  HANGU_CHECK(os::write_all(file.view(), bytes));
  if (::fchmod(file.get(), kFinalFileMode) != 0) {
    return os::os_failure(errno, kFailed, printable(name));
  }
  return os::sync_all(file.view());
}

Done Folder::link(const std::string& from, const std::string& to) const {
  if (::linkat(folder_.get(), from.c_str(), folder_.get(), to.c_str(), 0) == 0) return {};
  return os::os_failure(errno, kFailed, printable(to));
}

Done Folder::rename(const std::string& from, const std::string& to) const {
  if (::renameat(folder_.get(), from.c_str(), folder_.get(), to.c_str()) == 0) return {};
  return os::os_failure(errno, kFailed, printable(to));
}

Done Folder::remove(const std::string& name) const { return os::remove_file(view(), name); }

Done Folder::remove_subfolder(const std::string& name) const {
  if (::unlinkat(folder_.get(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
  return os::os_failure(errno, kFailed, printable(name));
}

Done Folder::sync() const { return os::sync_all(view()); }

Done Folder::lock() const {
  // flock, not fcntl: a record lock goes when any descriptor of the file is closed.
  if (::flock(folder_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(ErrorCode::unavailable, "audit-in-use", "another writer has the log", errno);
}

}  // namespace hangu::audit
