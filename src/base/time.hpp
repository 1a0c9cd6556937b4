#pragma once
// Wall time and the clock interface. Logic never reads a clock: a WallTime or a Clock is passed in.

#include <chrono>
#include <compare>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hangu {

/// WallTime is UTC in milliseconds since 1970, within years 1970..9999.
class WallTime {
 public:
  constexpr WallTime() = default;
  constexpr explicit WallTime(std::chrono::milliseconds since_epoch) : since_epoch_(since_epoch) {}

  /// RFC 3339 in UTC with milliseconds: "2026-03-01T08:00:00.000Z".
  [[nodiscard]] std::string to_text() const;
  /// Reads RFC 3339 with "Z" or a numeric offset, zero to nine fraction digits (cut to
  /// milliseconds). Errors: "time-invalid".
  [[nodiscard]] static Result<WallTime> parse(std::string_view text);
  /// Reads what to_text() writes and no other spelling. Errors: "time-invalid".
  [[nodiscard]] static Result<WallTime> parse_canonical(std::string_view text);

  [[nodiscard]] constexpr std::chrono::milliseconds since_epoch() const { return since_epoch_; }
  constexpr auto operator<=>(const WallTime&) const = default;
  friend constexpr WallTime operator+(WallTime t, std::chrono::milliseconds d) {
    return WallTime(t.since_epoch_ + d);
  }
  friend constexpr std::chrono::milliseconds operator-(WallTime a, WallTime b) {
    return a.since_epoch_ - b.since_epoch_;
  }

 private:
  std::chrono::milliseconds since_epoch_{0};
};

/// Clock tells the time, or that the time is not known (which denies whatever needs it).
class Clock {
 public:
  virtual ~Clock() = default;
  /// Errors: Unavailable "time-unknown".
  [[nodiscard]] virtual Result<WallTime> now() const = 0;
};

/// ManualClock stands still until told; for tests and replays.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start) : now_(start) {}
  [[nodiscard]] Result<WallTime> now() const override { return now_; }
  void set(WallTime t) { now_ = t; }
  void advance(std::chrono::milliseconds d) { now_ = now_ + d; }

 private:
  WallTime now_;
};

}  // namespace hangu
