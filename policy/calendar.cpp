#include "policy/calendar.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace hangu::policy {
namespace {

/// "HH:MM" up to 24:00, as minutes.
std::optional<std::chrono::minutes> minutes_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  for (const std::size_t i : {0UZ, 1UZ, 3UZ, 4UZ})
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
  const int hour = 10 * (text[0] - '0') + text[1] - '0';
  const int minute = 10 * (text[3] - '0') + text[4] - '0';
  const int total = 60 * hour + minute;
  if (minute > 59 || total > 1440) return std::nullopt;
  return std::chrono::minutes(total);
}

}  // namespace

Result<Hours> Hours::parse(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto from = minutes_of(text.substr(0, dash));
  const auto to = dash == std::string_view::npos ? std::nullopt : minutes_of(text.substr(dash + 1));
  if (!from || !to)
    return fail(ErrorCode::malformed, "config-value",
                "\"" + printable(text, 30) + "\" is not hours like \"08:00-20:00\"");
  if (*from >= *to)
    return fail(ErrorCode::malformed, "config-value",
                "\"" + printable(text, 30) +
                    "\" ends before it begins; hours past midnight are two: "
                    "[\"22:00-24:00\", \"00:00-06:00\"]");
  return Hours{.from = *from, .to = *to};
}

bool Calendar::counts(std::chrono::sys_days day) const {
  if (off.contains(day)) return false;
  return made.contains(day) || weekdays.contains(std::chrono::weekday(day).c_encoding());
}

bool is_within(const Calendar& calendar, const std::vector<Hours>& hours, WallTime time) {
  const std::chrono::sys_time local(time.since_epoch() + calendar.offset);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  if (!calendar.counts(day)) return false;
  const auto of_day = local - day;
  return hours.empty() || std::ranges::any_of(hours, [&](const Hours& part) {
           return part.from <= of_day && of_day < part.to;
         });
}

}  // namespace hangu::policy
