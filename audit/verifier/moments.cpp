#include "audit/verifier/moments.hpp"

#include <algorithm>
#include <chrono>

namespace hangu_verify {
namespace {

using namespace std::chrono;

constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";

int number_at(std::string_view text, std::size_t from, std::size_t digits) {
  int value = 0;
  for (const char c : text.substr(from, digits)) value = 10 * value + (c - '0');
  return value;
}

std::string padded(unsigned value, std::size_t digits) {
  std::string text = std::to_string(value);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

}  // namespace

std::optional<std::int64_t> read_time(std::string_view text) {
  if (text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !digit : text[i] != kForm[i]) return std::nullopt;
  }
  const year_month_day day{year{number_at(text, 0, 4)},
                           month{static_cast<unsigned>(number_at(text, 5, 2))},
                           std::chrono::day{static_cast<unsigned>(number_at(text, 8, 2))}};
  if (!day.ok()) return std::nullopt;
  const auto time = sys_days{day} + hours{number_at(text, 11, 2)} +
                    minutes{number_at(text, 14, 2)} + seconds{number_at(text, 17, 2)};
  return time.time_since_epoch() / seconds{1} * 1000 + number_at(text, 20, 3);
}

std::string time_text(std::uint64_t since) {
  const sys_seconds time{seconds{static_cast<std::int64_t>(std::min(since, kSecondsMax))}};
  const auto midnight = floor<days>(time);
  const year_month_day day{midnight};
  const auto left = static_cast<unsigned>((time - midnight).count());
  return padded(static_cast<unsigned>(static_cast<int>(day.year())), 4) + "-" +
         padded(static_cast<unsigned>(day.month()), 2) + "-" +
         padded(static_cast<unsigned>(day.day()), 2) + "T" + padded(left / 3600, 2) + ":" +
         padded(left / 60 % 60, 2) + ":" + padded(left % 60, 2) + ".000Z";
}

}  // namespace hangu_verify
