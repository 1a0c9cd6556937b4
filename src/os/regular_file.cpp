#include "os/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.hpp"
#include "os/failure.hpp"

namespace hangu::os {

Result<UniqueFd> open_regular(const std::string& path, LastLink last) {
  const auto refused = [&](int error) {
    return fail(ErrorCode::forbidden, "source-not-a-file", printable(path), error);
  };
  const int links = last == LastLink::refuse ? O_NOFOLLOW : 0;
  UniqueFd file;
  do {
    file = UniqueFd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | links));
  } while (!file.valid() && errno == EINTR);
  if (!file.valid()) {
    const int error = errno;
    if (error == ENXIO || (error == ELOOP && links != 0)) return refused(0);  // socket; link
    return os_failure(error, "file-open-failed", printable(path));
  }
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return os_failure(errno, "file-stat-failed", path);
  if (!S_ISREG(status.st_mode)) return refused(0);
  const int flags = ::fcntl(file.get(), F_GETFL);
  if (flags < 0 || ::fcntl(file.get(), F_SETFL, flags & ~O_NONBLOCK) != 0)
    return os_failure(errno, "file-open-failed", printable(path));
  return file;
}

}  // namespace hangu::os
