#include "os/deadline.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "os/clock.hpp"

namespace hangu::os {
namespace {

constexpr std::chrono::milliseconds kWaitMax{std::numeric_limits<int>::max()};

}  // namespace

Deadline::Deadline(std::chrono::milliseconds from_now)
    : at_(monotonic_now() + std::clamp(from_now, std::chrono::milliseconds::zero(), kWaitMax)) {}

int Deadline::left() const {
  const auto left = std::clamp(at_ - monotonic_now(), std::chrono::milliseconds::zero(), kWaitMax);
  return static_cast<int>(left.count());
}

Result<bool> wait_for_events(FdView fd, short events, const Deadline& deadline) {
  pollfd entry{.fd = fd.get(), .events = events, .revents = 0};
  while (true) {  // ends: each EINTR leaves less time
    const int n = ::poll(&entry, 1, deadline.left());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorCode::internal, "poll-failed", {}, errno);
    return n > 0;
  }
}

}  // namespace hangu::os
