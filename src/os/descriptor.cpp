#include "os/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "os/failure.hpp"

namespace hangu::os {

void UniqueFd::reset() {
  // Linux frees the number also when close() reports an error: never close twice. What must be
  // on the disk was synced before, so the result says nothing that is still of use.
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<UniqueFd> UniqueFd::duplicate() const {
  const int copy = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return os_failure(errno, "descriptor-duplicate-failed", {});
  return UniqueFd(copy);
}

}  // namespace hangu::os
