#pragma once
// Waiting for a descriptor until a deadline. EINTR never shortens or lengthens the wait.

#include <chrono>

#include "base/result.hpp"
#include "os/descriptor.hpp"

namespace hangu::os {

/// Deadline is a point on the monotonic clock.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds from_now);
  /// Milliseconds left for poll(): never negative, at most INT_MAX.
  [[nodiscard]] int left() const;

 private:
  std::chrono::milliseconds at_;
};

/// Waits until poll() reports any of `events` (or an error or hang-up, which the next call then
/// names). False when the deadline came first. Errors: Internal "poll-failed".
[[nodiscard]] Result<bool> wait_for_events(FdView fd, short events, const Deadline& deadline);

}  // namespace hangu::os
