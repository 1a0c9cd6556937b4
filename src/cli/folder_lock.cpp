#include "cli/folder_lock.hpp"

#include <sys/file.h>

#include <cerrno>

#include "os/file.hpp"

namespace hangu::cli {

Result<FolderLock> FolderLock::take(const std::string& folder) {
  const std::string path = folder + "/.lock";
  if (auto made = os::create_file(path); !made && made.error().reason() != "file-exists")
    return std::unexpected(made.error());
  HANGU_TRY(os::UniqueFd file, os::open_read(path));
  while (::flock(file.get(), LOCK_EX) != 0)
    if (errno != EINTR) return fail(ErrorCode::internal, "lock-failed", path, errno);
  return FolderLock(std::move(file));
}

}  // namespace hangu::cli
