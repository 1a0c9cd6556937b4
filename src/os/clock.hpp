#pragma once
// The system's clocks.

#include "base/time.hpp"

namespace hangu::os {

/// SystemClock is the kernel's wall clock. With `require_synchronised` an unsynchronised kernel
/// clock (adjtimex says so) is Unavailable "time-unknown".
class SystemClock final : public Clock {
 public:
  explicit SystemClock(bool require_synchronised = false)
      : require_synchronised_(require_synchronised) {}
  [[nodiscard]] Result<WallTime> now() const override;

 private:
  bool require_synchronised_;
};

/// Monotonic time since boot, for deadlines and durations.
[[nodiscard]] std::chrono::milliseconds monotonic_now();
void pause_for(std::chrono::milliseconds duration);

}  // namespace hangu::os
