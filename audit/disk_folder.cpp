#include "audit/disk_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.hpp"
#include "os/failure.hpp"
#include "os/file.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kFailed = "audit-folder-failed";
constexpr unsigned kFolderMode = 0755;
constexpr unsigned kFileMode = 0600;  ///< until it is protected
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

class DiskFile final : public File {
 public:
  explicit DiskFile(os::UniqueFd file) : file_(std::move(file)) {}

  Result<std::uint64_t> size() const override { return os::file_size(file_.view()); }
  Done read_at(std::uint64_t offset, MutableByteView into) const override {
    return os::read_exactly_at(file_.view(), offset, into);
  }
  Done write_at(std::uint64_t offset, ByteView bytes) override {
    return os::write_all_at(file_.view(), offset, bytes);
  }
  Done cut(std::uint64_t size) override {
    if (::ftruncate(file_.get(), static_cast<off_t>(size)) == 0) return {};
    return os::os_failure(errno, kFailed, "cut");
  }
  Done protect() override {
    if (::fchmod(file_.get(), kFinalFileMode) == 0) return {};
    return os::os_failure(errno, kFailed, "protect");
  }
  void begin_sync() override {
    if (const auto bytes = size()) os::start_writing_back(file_.view(), 0, *bytes);
  }
  Done sync_data() override { return os::sync_data(file_.view()); }
  Done sync_all() override { return os::sync_all(file_.view()); }

 private:
  os::UniqueFd file_;
};

class DiskFolder final : public Folder {
 public:
  explicit DiskFolder(os::UniqueFd folder) : folder_(std::move(folder)) {}

  Result<std::unique_ptr<Folder>> again() const override { return open_disk_folder(view()); }

  Result<std::unique_ptr<Folder>> subfolder(const std::string& path) const override {
    HANGU_TRY(os::UniqueFd own, open_below(view(), path, O_RDONLY | O_DIRECTORY));
    return std::make_unique<DiskFolder>(std::move(own));
  }

  Result<bool> make_subfolder(const std::string& name) const override {
    if (::mkdirat(folder_.get(), name.c_str(), kFolderMode) == 0) return true;
    if (errno == EEXIST) return false;
    return os::os_failure(errno, kFailed, printable(name));
  }

  Result<std::vector<std::string>> names(std::size_t names_max) const override {
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

  Result<bool> has(const std::string& path) const override {
    struct stat status{};
    if (::fstatat(folder_.get(), path.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return os::os_failure(errno, kFailed, printable(path));
  }

  Result<std::unique_ptr<File>> open_read(const std::string& path) const override {
    return opened(path, O_RDONLY | O_NONBLOCK);  // a pipe in a hostile copy is not waited for
  }
  Result<std::unique_ptr<File>> open_write(const std::string& path) const override {
    return opened(path, O_RDWR);
  }
  Result<std::unique_ptr<File>> create(const std::string& name) const override {
    HANGU_CHECK(remove(name));
    return opened(name, O_RDWR | O_CREAT | O_EXCL);
  }

  Done link(const std::string& from, const std::string& to) const override {
    if (::linkat(folder_.get(), from.c_str(), folder_.get(), to.c_str(), 0) == 0) return {};
    return os::os_failure(errno, kFailed, printable(to));
  }
  Done rename(const std::string& from, const std::string& to) const override {
    if (::renameat(folder_.get(), from.c_str(), folder_.get(), to.c_str()) == 0) return {};
    return os::os_failure(errno, kFailed, printable(to));
  }
  Done remove(const std::string& name) const override { return os::remove_file(view(), name); }
  Done remove_subfolder(const std::string& name) const override {
    if (::unlinkat(folder_.get(), name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) return {};
    return os::os_failure(errno, kFailed, printable(name));
  }

  Done sync() const override { return os::sync_all(view()); }

  Done lock() const override {
    // flock, not fcntl: a record lock goes when any descriptor of the file is closed.
    if (::flock(folder_.get(), LOCK_EX | LOCK_NB) == 0) return {};
    return fail(ErrorCode::unavailable, "audit-in-use", "another writer has the log", errno);
  }

  Result<std::uint64_t> free_bytes() const override { return os::free_bytes(view()); }

 private:
  [[nodiscard]] os::FdView view() const { return folder_.view(); }

  [[nodiscard]] Result<std::unique_ptr<File>> opened(const std::string& path, int flags) const {
    HANGU_TRY(os::UniqueFd file, open_below(view(), path, flags, kFileMode));
    return std::make_unique<DiskFile>(std::move(file));
  }

  os::UniqueFd folder_;
};

}  // namespace

Result<std::unique_ptr<Folder>> open_disk_folder(os::FdView folder) {
  HANGU_TRY(os::UniqueFd own, open_below(folder, ".", O_RDONLY | O_DIRECTORY));
  return std::make_unique<DiskFolder>(std::move(own));
}

Result<std::unique_ptr<Folder>> open_disk_folder(const std::string& path) {
  HANGU_TRY(os::UniqueFd own, os::open_folder(path));
  return std::make_unique<DiskFolder>(std::move(own));
}

}  // namespace hangu::audit
