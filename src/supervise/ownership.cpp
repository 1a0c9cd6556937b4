#include "supervise/ownership.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "os/file.hpp"
#include "supervise/roster.hpp"

namespace hangu::supervise {
namespace {

auto foreign(const std::string& what) { return fail(ErrorCode::forbidden, "folder-foreign", what); }

/// Whether what `status` is of belongs to this user or root, and nobody else may write it.
Done check_ours(const struct stat& status, const std::string& path) {
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return foreign(path + " belongs to uid " + std::to_string(status.st_uid));
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return foreign(path + " can be written by group or others");
  return {};
}

}  // namespace

bool exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Done check_ours(const std::string& path) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail(ErrorCode::internal, "setup-failed", path, errno);
  }
  if (S_ISLNK(status.st_mode)) return foreign(path + " is a symbolic link");
  return check_ours(status, path);
}

Done make_our_folder(const std::string& path) {
  HANGU_CHECK(os::make_folders(path, kOpenMode));
  return check_ours(path);
}

Done settle(const std::string& path, Id uid, Id gid, unsigned mode) {
  const os::UniqueFd file(
      ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!file.valid() && errno == ELOOP) return foreign(path + " is a symbolic link");
  if (!file.valid()) return fail(ErrorCode::internal, "setup-failed", "open " + path, errno);
  constexpr auto kSame = static_cast<std::uint32_t>(-1);
  if ((uid || gid) && ::fchown(file.get(), uid.value_or(kSame), gid.value_or(kSame)) != 0)
    return fail(ErrorCode::internal, "setup-failed", "chown " + path, errno);
  if (::fchmod(file.get(), mode) != 0)
    return fail(ErrorCode::internal, "setup-failed", "chmod " + path, errno);
  return {};
}

Done own(const std::string& path, const config::Gateway& gateway, const std::string& member,
         unsigned mode) {
  const Id uid = uid_of(gateway, member);
  return settle(path, uid, uid, mode);
}

Done let_read(const std::string& path, const config::Gateway& gateway, const std::string& member,
              unsigned mode) {
  const Id gid = uid_of(gateway, member);
  return settle(path, gid ? Id(::geteuid()) : Id(), gid, gid ? mode | (mode & 0500U) >> 3U : mode);
}

Done write_for(const std::string& path, std::string_view text, const config::Gateway& gateway,
               const std::string& member, unsigned mode) {
  const std::string draft = path + ".new";
  HANGU_CHECK(os::write_file_durably(draft, bytes_of(text), mode));
  HANGU_CHECK(let_read(draft, gateway, member, mode));
  if (::rename(draft.c_str(), path.c_str()) != 0)
    return fail(ErrorCode::internal, "setup-failed", "rename " + path, errno);
  HANGU_TRY(const os::UniqueFd folder, os::open_folder(path.substr(0, path.rfind('/'))));
  return os::sync_all(folder.view());
}

Done check_folder_is_ours(const config::Layout& layout) {
  struct stat status{};
  if (::stat(layout.folder().c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return fail(ErrorCode::internal, "setup-failed", layout.folder(), errno);
  }
  if (!S_ISDIR(status.st_mode)) return {};  // whose it is does not matter: it is no folder
  HANGU_CHECK(check_ours(status, layout.folder()));
  for (const std::string& path :
       {layout.configuration(), layout.anchors(), layout.policy(), layout.folder() + "/run",
        layout.folder() + "/run/gateway.json", layout.folder() + "/credentials", layout.zones(),
        layout.folder() + "/log"})
    HANGU_CHECK(check_ours(path));
  return {};
}

Done check_way_is_open(const std::string& path) {
  for (std::size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    const std::string folder = path.substr(0, at);
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) return {};  // from here on it is made, and open
    if ((status.st_mode & S_IXOTH) == 0) return fail(ErrorCode::forbidden, "folder-closed", folder);
  }
  return {};
}

}  // namespace hangu::supervise
