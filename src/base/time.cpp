#include "base/time.hpp"

#include <array>
#include <cstdio>

namespace hangu {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_days;

constexpr auto kYearMax = std::chrono::year{9999};
constexpr milliseconds kAfterLast =
    sys_days(std::chrono::year_month_day(std::chrono::year{10000}, std::chrono::January,
                                         std::chrono::day{1}))
        .time_since_epoch();

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  /// Exactly `digits` decimal digits, or -1.
  int number(std::size_t digits) {
    if (text_.size() < digits) return -1;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return -1;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    return value;
  }
  [[nodiscard]] bool at_digit() const {
    return !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
  }
  [[nodiscard]] bool done() const { return text_.empty(); }

 private:
  std::string_view text_;
};

}  // namespace

std::string WallTime::to_text() const {
  const std::chrono::sys_time<milliseconds> point(since_epoch_);
  const auto day = std::chrono::floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(point - day);
  std::array<char, 64> out{};
  const int n = std::snprintf(
      out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {out.data(), static_cast<std::size_t>(n)};
}

Result<WallTime> WallTime::parse_canonical(std::string_view text) {
  constexpr std::string_view kExample = "2026-03-01T08:00:00.000Z";
  const auto number = [&](std::size_t start, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(start, digits)) value = value * 10 + (c - '0');
    return value;
  };
  if (text.size() == kExample.size()) {
    const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2))));
    const milliseconds in_day = std::chrono::hours(number(11, 2)) +
                                std::chrono::minutes(number(14, 2)) +
                                std::chrono::seconds(number(17, 2)) + milliseconds(number(20, 3));
    // What is no digit, out of range or in another place is written otherwise.
    if (date.ok() && date.year() >= std::chrono::year(1970))
      if (const WallTime made(sys_days(date).time_since_epoch() + in_day); made.to_text() == text)
        return made;
  }
  return fail(ErrorCode::malformed, "time-invalid", "not like " + std::string(kExample));
}

Result<WallTime> WallTime::parse(std::string_view text) {
  const auto bad = [] {
    return fail(ErrorCode::malformed, "time-invalid", "not an RFC 3339 time");
  };
  Cursor at(text);
  const int year = at.number(4);
  const bool dash1 = at.take('-');
  const int month = at.number(2);
  const bool dash2 = at.take('-');
  const int day = at.number(2);
  const bool tee = at.take('T');
  const int hour = at.number(2);
  const bool colon1 = at.take(':');
  const int minute = at.number(2);
  const bool colon2 = at.take(':');
  const int second = at.number(2);
  if (!dash1 || !dash2 || !tee || !colon1 || !colon2) return bad();
  if (year < 1970 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return bad();
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || date.year() > kYearMax || hour > 23 || minute > 59 || second > 59) return bad();

  int millis = 0;
  if (at.take('.')) {
    int digits = 0;
    for (; at.at_digit() && digits < 9; ++digits) {
      const int digit = at.number(1);
      if (digits < 3) millis = millis * 10 + digit;
    }
    if (digits == 0) return bad();
    for (; digits < 3; ++digits) millis *= 10;
  }
  std::chrono::minutes offset{0};
  if (!at.take('Z')) {
    const bool plus = at.take('+');
    if (!plus && !at.take('-')) return bad();
    const int hours = at.number(2);
    const bool colon = at.take(':');
    const int minutes = at.number(2);
    if (hours < 0 || hours > 23 || !colon || minutes < 0 || minutes > 59) return bad();
    offset = std::chrono::minutes(hours * 60 + minutes) * (plus ? 1 : -1);
  }
  if (!at.done()) return bad();
  const milliseconds since = sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
                             std::chrono::minutes(minute) + std::chrono::seconds(second) +
                             milliseconds(millis) - offset;
  if (since < milliseconds{0} || since >= kAfterLast) return bad();  // an offset may lead out
  return WallTime(since);
}

}  // namespace hangu
