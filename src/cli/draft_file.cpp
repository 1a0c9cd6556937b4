#include "cli/draft_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include <stdio.h>

#include "base/text.hpp"
#include "cli/identity.hpp"
#include "os/file.hpp"

namespace hangu::cli {

namespace {
constexpr unsigned kFileMode = 0600;
}  // namespace

std::string parent_folder(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path();
  return parent.empty() ? "." : parent;
}

Done rename_anew(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
    // Some network file systems know no such flag; a link never overwrites either.
    const bool flag_unknown = errno == EINVAL || errno == ENOSYS;
    if (!flag_unknown || ::link(from.c_str(), to.c_str()) != 0) {
      if (errno == EEXIST) return fail(ErrorCode::forbidden, "file-exists", printable(to));
      return fail(ErrorCode::internal, "rename-failed", printable(to), errno);
    }
    ::unlink(from.c_str());
  }
  HANGU_TRY(const os::UniqueFd folder, os::open_folder(parent_folder(to)));
  return os::sync_all(folder.view());
}

Result<DraftFile> DraftFile::create(const std::string& path) {
  if (path_exists(path)) return fail(ErrorCode::forbidden, "file-exists", printable(path));
  HANGU_TRY(const os::UniqueFd folder, os::open_folder(parent_folder(path)));
  if (Result<os::UniqueFd> unnamed = os::create_unnamed(folder.view()))
    return DraftFile(path, {}, *std::move(unnamed));
  // A file system that knows no files without a name: this one is left there by a kill.
  const std::filesystem::path whole(path);
  const std::string draft = parent_folder(path) + "/." + whole.filename().string() + ".part-" +
                            std::to_string(::getpid());
  HANGU_TRY(os::UniqueFd file, os::create_file(draft, kFileMode));
  return DraftFile(path, draft, std::move(file));
}

DraftFile::DraftFile(DraftFile&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, {})),
      file_(std::move(other.file_)) {}

DraftFile::~DraftFile() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

Done DraftFile::finish() {
  HANGU_CHECK(os::sync_all(file_.view()));
  if (!draft_.empty()) {
    HANGU_CHECK(rename_anew(draft_, path_));
    draft_.clear();
    return {};
  }
  if (::fchmod(file_.get(), kFileMode) != 0)
    return fail(ErrorCode::internal, "rename-failed", printable(path_), errno);
  HANGU_TRY(const os::UniqueFd folder, os::open_folder(parent_folder(path_)));
  const std::string name = std::filesystem::path(path_).filename().string();
  if (auto linked = os::link_unnamed(file_.view(), folder.view(), name); !linked)
    return std::unexpected(linked.error().within(printable(path_)));
  return os::sync_all(folder.view());
}

}  // namespace hangu::cli
