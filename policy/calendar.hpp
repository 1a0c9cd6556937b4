#pragma once
// Calendar: which days count, and which hours of them, by a place's own clock.

#include <chrono>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace hangu::policy {

struct Calendar {
  std::chrono::minutes offset{0};        ///< local time less UTC, within 14 hours
  std::set<unsigned> weekdays;           ///< 0 Sunday .. 6 Saturday
  std::set<std::chrono::sys_days> off;   ///< days that do not count, though their weekday does
  std::set<std::chrono::sys_days> made;  ///< days that count, though their weekday does not

  [[nodiscard]] bool counts(std::chrono::sys_days day) const;
};

/// A part of a day, [from, to): minutes since local midnight, 0 <= from < to <= 1440.
struct Hours {
  std::chrono::minutes from{0};
  std::chrono::minutes to{1440};

  /// "08:00-20:00", "00:00-24:00". Hours past midnight are two of these. Errors: Malformed
  /// "config-value".
  [[nodiscard]] static Result<Hours> parse(std::string_view text);
  bool operator==(const Hours&) const = default;
};

/// True when `time` falls on a day that counts, within one of `hours` (none: any time of the day).
[[nodiscard]] bool is_within(const Calendar& calendar, const std::vector<Hours>& hours,
                             WallTime time);

}  // namespace hangu::policy
