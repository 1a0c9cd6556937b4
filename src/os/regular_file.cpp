#include "os/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/text.hpp"
#include "os/failure.hpp"

namespace hangu::os {

Result<UniqueFd> open_regular(const std::string& path, LastLink last) {
  const int links = last == LastLink::refuse ? O_NOFOLLOW : 0;
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | links));
  if (!file.valid() && errno != ENXIO && (errno != ELOOP || links == 0))  // a socket; a link
    return os_failure(errno, "file-open-failed", printable(path));
  struct stat status{};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(ErrorCode::forbidden, "source-not-a-file", printable(path));
  return file;  // O_NONBLOCK stays: to a regular file it says nothing
}

}  // namespace hangu::os
