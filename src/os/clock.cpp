#include "os/clock.hpp"

#include <sys/timex.h>

#include <cerrno>
#include <ctime>

namespace hangu::os {
namespace {

/// 9999-12-31T23:59:59Z, the last second that WallTime can hold.
constexpr std::chrono::seconds kLastSecond{253'402'300'799};

bool kernel_clock_synchronised() {
  timex query{};  // modes 0: reads only
  const int state = ::adjtimex(&query);
  return state >= 0 && state != TIME_ERROR && (query.status & STA_UNSYNC) == 0;
}

std::chrono::milliseconds to_milliseconds(const timespec& t) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::seconds(t.tv_sec) +
                                                               std::chrono::nanoseconds(t.tv_nsec));
}

}  // namespace

Result<WallTime> SystemClock::now() const {
  if (require_synchronised_ && !kernel_clock_synchronised()) {
    return fail(ErrorCode::unavailable, "time-unknown", "the kernel clock is not synchronised");
  }
  timespec t{};
  if (::clock_gettime(CLOCK_REALTIME, &t) != 0 || t.tv_sec < 0 ||
      std::chrono::seconds(t.tv_sec) > kLastSecond) {
    return fail(ErrorCode::unavailable, "time-unknown", "the kernel clock is out of range");
  }
  return WallTime(to_milliseconds(t));
}

std::chrono::milliseconds monotonic_now() {
  timespec t{};
  HANGU_ASSERT(::clock_gettime(CLOCK_MONOTONIC, &t) == 0);
  return to_milliseconds(t);
}

void pause_for(std::chrono::milliseconds duration) {
  if (duration <= std::chrono::milliseconds::zero()) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
  timespec left{};
  left.tv_sec = seconds.count();
  left.tv_nsec = std::chrono::nanoseconds(duration - seconds).count();
  while (::clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
  }
}

}  // namespace hangu::os
