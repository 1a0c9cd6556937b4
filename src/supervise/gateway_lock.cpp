#include "supervise/gateway_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "os/failure.hpp"

namespace hangu::supervise {

Result<os::UniqueFd> lock_gateway(const config::Layout& layout) {
  constexpr unsigned kMode = 0600;  // nobody else may hold it
  const std::string path = layout.lock();
  os::UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kMode));
  if (!file.valid()) return os::os_failure(errno, "setup-failed", "open " + path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno == EWOULDBLOCK) return fail(ErrorCode::malformed, "gateway-running", layout.folder());
  return os::os_failure(errno, "setup-failed", "flock " + path);
}

}  // namespace hangu::supervise
