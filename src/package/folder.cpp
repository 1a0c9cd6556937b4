#include "package/folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <map>

#include "base/text.hpp"
#include "os/failure.hpp"
#include "os/file.hpp"

namespace hangu::package {
namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

/// A name that was made here, and the inode that was behind it.
struct Made {
  std::string path;  // below the folder
  dev_t device;
  ino_t inode;
  bool is_folder;
};

Result<os::UniqueFd> open_folder_at(os::FdView parent, const std::string& name) {
  os::UniqueFd folder(
      ::openat(parent.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (folder.valid()) return folder;
  if (errno == ELOOP || errno == ENOTDIR)
    return fail(ErrorCode::forbidden, "folder-not-usable", printable(name), errno);
  return os::os_failure(errno, "file-open-failed", printable(name));
}

class FolderSink final : public ObjectSink {
 public:
  FolderSink(os::FdView folder, const flow::ObjectTable& table) : folder_(folder), table_(table) {}

  Result<os::FdView> output(std::size_t index) override {
    HANGU_TRY(os::UniqueFd parent, make_parent(name_of(index)));
    HANGU_TRY(os::UniqueFd file, os::create_unnamed(parent.view()));
    if (::fchmod(file.get(), kFileMode) != 0) return os::os_failure(errno, "file-open-failed", {});
    const os::FdView view = file.view();
    open_.emplace(index, Output{std::move(parent), std::move(file)});
    return view;
  }

  Done accept(std::size_t index) override {
    const auto at = open_.find(index);
    HANGU_ASSERT(at != open_.end());
    const std::string& path = name_of(index);
    HANGU_CHECK(os::link_unnamed(at->second.file.view(), at->second.parent.view(),
                                 path.substr(path.rfind('/') + 1)));
    HANGU_CHECK(note(at->second.file.view(), path, false));
    open_.erase(at);
    return {};
  }

  /// Removes what was made, last first; names that lead elsewhere by now stay.
  void undo() {
    open_.clear();
    for (auto made = made_.rbegin(); made != made_.rend(); ++made) {
      const auto parent = open_parent(made->path);
      if (!parent) continue;
      const std::string name = made->path.substr(made->path.rfind('/') + 1);
      struct stat status{};
      if (::fstatat(parent->get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
      if (status.st_dev != made->device || status.st_ino != made->inode) continue;
      (void)::unlinkat(parent->get(), name.c_str(), made->is_folder ? AT_REMOVEDIR : 0);
    }
  }

 private:
  struct Output {
    os::UniqueFd parent;
    os::UniqueFd file;
  };

  [[nodiscard]] const std::string& name_of(std::size_t index) const {
    return table_.rows()[index].name;
  }

  Done note(os::FdView file, std::string path, bool is_folder) {
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return os::os_failure(errno, "file-stat-failed", {});
    made_.push_back({std::move(path), status.st_dev, status.st_ino, is_folder});
    return {};
  }

  Result<os::UniqueFd> open_self() { return open_folder_at(folder_, "."); }

  /// The folder that holds `path`, its missing parts made.
  Result<os::UniqueFd> make_parent(const std::string& path) {
    HANGU_TRY(os::UniqueFd at, open_self());
    std::size_t start = 0;
    for (std::size_t end = path.find('/'); end != std::string::npos; end = path.find('/', start)) {
      const std::string name = path.substr(start, end - start);
      const bool made = ::mkdirat(at.get(), name.c_str(), kFolderMode) == 0;
      if (!made && errno != EEXIST)
        return os::os_failure(errno, "folder-create-failed", printable(path));
      HANGU_TRY(os::UniqueFd below, open_folder_at(at.view(), name));
      if (made) HANGU_CHECK(note(below.view(), path.substr(0, end), true));
      at = std::move(below);
      start = end + 1;
    }
    return at;
  }

  Result<os::UniqueFd> open_parent(const std::string& path) {
    HANGU_TRY(os::UniqueFd at, open_self());
    std::size_t start = 0;
    for (std::size_t end = path.find('/'); end != std::string::npos; end = path.find('/', start)) {
      HANGU_TRY(at, open_folder_at(at.view(), path.substr(start, end - start)));
      start = end + 1;
    }
    return at;
  }

  os::FdView folder_;
  const flow::ObjectTable& table_;
  std::map<std::size_t, Output> open_;
  std::vector<Made> made_;
};

}  // namespace

Done extract_to_folder(const Reader& reader, os::FdView folder, unsigned threads,
                       const Progress& progress) {
  FolderSink sink(folder, reader.contents().table);
  auto done = reader.extract_all(sink, threads, progress);
  if (!done) sink.undo();
  return done;
}

}  // namespace hangu::package
