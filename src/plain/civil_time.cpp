#include "plain/civil_time.hpp"

#include <chrono>

#include "base/text.hpp"

namespace hangu::plain {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::int64_t kDayMilliseconds = 86'400'000;
constexpr std::int32_t kFirstDay =
    sys_days(std::chrono::year(1) / 1 / 1).time_since_epoch().count();
constexpr std::int32_t kLastDay =
    sys_days(std::chrono::year(9999) / 12 / 31).time_since_epoch().count();

void put(std::string& out, std::int64_t value, unsigned digits) {
  std::string text = std::to_string(value);
  out.append(digits > text.size() ? digits - text.size() : 0, '0').append(text);
}

/// Scan takes fixed pieces off the front of a text.
class Scan {
 public:
  explicit Scan(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return give_up();
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return give_up();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) { good_ &= take(any_of); }
  [[nodiscard]] bool next_is_digit() const {
    return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
  }
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_[0]; }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool done() const { return good_ && rest_.empty(); }
  int give_up() {
    good_ = false;
    return 0;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::int32_t days(Scan& scan) {
  const int year = scan.digits(4);
  scan.expect("-");
  const int month = scan.digits(2);
  scan.expect("-");
  const int day = scan.digits(2);
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!scan.good() || year < 1 || !date.ok()) return scan.give_up();
  return static_cast<std::int32_t>(sys_days(date).time_since_epoch().count());
}

int fraction_milliseconds(Scan& scan) {
  constexpr int kDigitsMax = 9;
  int value = 0;
  int count = 0;
  for (; count < kDigitsMax && scan.next_is_digit(); ++count) {
    const int digit = scan.digits(1);
    if (count < 3) value = value * 10 + digit;
  }
  if (count == 0) return scan.give_up();
  for (; count < 3; ++count) value *= 10;
  return value;
}

/// Minutes east of Greenwich.
int offset_minutes(Scan& scan) {
  if (scan.take("Z")) return 0;
  const char sign = scan.front();
  if (!scan.take("+-")) return 0;
  const int hours = scan.digits(2);
  scan.expect(":");
  const int minutes = scan.digits(2);
  if (hours > 14 || minutes > 59) return scan.give_up();
  return (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
}

}  // namespace

bool in_range(Date date) { return date.days >= kFirstDay && date.days <= kLastDay; }

bool in_range(DateTime time) {
  return time.milliseconds >= kFirstDay * kDayMilliseconds &&
         time.milliseconds < (kLastDay + std::int64_t{1}) * kDayMilliseconds;
}

std::string to_text(Date date) {
  const year_month_day day(sys_days(std::chrono::days(date.days)));
  std::string out;
  put(out, int(day.year()), 4);
  out += '-';
  put(out, unsigned(day.month()), 2);
  out += '-';
  put(out, unsigned(day.day()), 2);
  return out;
}

std::string to_text(DateTime time) {
  std::int64_t day = time.milliseconds / kDayMilliseconds;
  std::int64_t rest = time.milliseconds % kDayMilliseconds;
  if (rest < 0) {
    rest += kDayMilliseconds;
    --day;
  }
  std::string out = to_text(Date{static_cast<std::int32_t>(day)});
  out += 'T';
  put(out, rest / 3'600'000, 2);
  out += ':';
  put(out, rest / 60'000 % 60, 2);
  out += ':';
  put(out, rest / 1000 % 60, 2);
  out += '.';
  put(out, rest % 1000, 3);
  out += 'Z';
  return out;
}

Result<Date> parse_date(std::string_view text) {
  Scan scan(text);
  const Date date{days(scan)};
  if (!scan.done()) return fail(ErrorCode::malformed, "date-invalid", printable(text));
  return date;
}

Result<DateTime> parse_date_time(std::string_view text) {
  Scan scan(text);
  const std::int64_t day = days(scan);
  scan.expect("T ");
  const int hour = scan.digits(2);
  scan.expect(":");
  const int minute = scan.digits(2);
  int second = 0;
  int millisecond = 0;
  if (scan.take(":")) {
    second = scan.digits(2);
    if (scan.take(".")) millisecond = fraction_milliseconds(scan);
  }
  const std::int64_t offset = offset_minutes(scan);
  const DateTime time{((day * 24 + hour) * 60 + minute - offset) * 60'000 + second * 1000 +
                      millisecond};
  if (!scan.done() || hour > 23 || minute > 59 || second > 59 || !in_range(time)) {
    return fail(ErrorCode::malformed, "date-time-invalid", printable(text));
  }
  return time;
}

}  // namespace hangu::plain
