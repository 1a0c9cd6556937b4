// Months, days and office hours of a report, in local time.

#include <charconv>

#include "audit/export/report.hpp"
#include "base/text.hpp"

namespace hangu::audit {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;

sys_days local_day(WallTime time, std::chrono::minutes offset) {
  return std::chrono::floor<days>(std::chrono::sys_time<milliseconds>(time.since_epoch() + offset));
}

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return value;
}

}  // namespace

Result<ReportScope> ReportScope::create(std::string_view month, std::chrono::minutes offset) {
  constexpr std::size_t kLength = 7;                  // YYYY-MM
  constexpr int kFirstYear = 1971, kLastYear = 9998;  // with room for the offset
  if (month.size() == kLength && month[4] == '-') {
    const auto year = number(month.substr(0, 4));
    const auto number_of_month = number(month.substr(5));
    if (year && number_of_month && *year >= kFirstYear && *year <= kLastYear &&
        *number_of_month >= 1 && *number_of_month <= 12) {
      const std::chrono::year_month which(
          std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*number_of_month)));
      const auto start_of = [&](std::chrono::year_month m) {
        const sys_days day = m / std::chrono::day(1);
        return WallTime(milliseconds(day.time_since_epoch()) - offset);
      };
      ReportScope out;
      out.month = month;
      out.begin = start_of(which);
      out.end = start_of(which + std::chrono::months(1));
      out.offset = offset;
      return out;
    }
  }
  return fail(ErrorCode::malformed, "report-month", printable(month, 40));
}

unsigned ReportScope::day_of(WallTime time) const {
  return static_cast<unsigned>(std::chrono::year_month_day(local_day(time, offset)).day());
}

unsigned ReportScope::days() const { return day_of(end + milliseconds(-1)); }

bool ReportScope::off_hours(WallTime time) const {
  const sys_days day = local_day(time, offset);
  const std::chrono::weekday weekday(day);
  if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) return true;
  const auto hour = std::chrono::duration_cast<std::chrono::hours>(
      time.since_epoch() + offset - milliseconds(day.time_since_epoch()));
  return hour < std::chrono::hours(open_hour) || hour >= std::chrono::hours(close_hour);
}

}  // namespace hangu::audit
