#include "cli/values.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "cli/command.hpp"

namespace hangu::cli {
namespace {

constexpr std::int64_t kSecondsMax = std::int64_t{3660} * 24 * 3600;

bool read_number(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view option, std::string_view text) {
  const auto wanted = [&] {
    return usage(option, printable(text, 40) + ": a duration is wanted, like 90s, 10m, 2h or 7d");
  };
  if (text.size() < 2) return wanted();
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's': unit = 1; break;
    case 'm': unit = 60; break;
    case 'h': unit = 3600; break;
    case 'd': unit = 86'400; break;
    default: return wanted();
  }
  std::int64_t count = 0;
  if (!read_number(text.substr(0, text.size() - 1), count) || count < 1 ||
      count > kSecondsMax / unit)
    return wanted();
  return std::chrono::seconds(count * unit);
}

Result<WallTime> parse_instant(const Clock& clock, std::string_view option, std::string_view text,
                               Edge edge) {
  constexpr std::size_t kDateBytes = 10;
  constexpr std::chrono::hours kDay{24};
  if (text.find('-') == std::string_view::npos) {
    HANGU_TRY(const std::chrono::milliseconds ago, parse_duration(option, text));
    HANGU_TRY(const WallTime now, clock.now());
    return WallTime(std::max(now.since_epoch() - ago, std::chrono::milliseconds(0)));
  }
  if (text.size() != kDateBytes) return from_option(option, WallTime::parse(text));
  HANGU_TRY(const WallTime day,
            from_option(option, WallTime::parse(std::string(text) + "T00:00:00Z")));
  return edge == Edge::start ? day : day + kDay;
}

Result<std::int64_t> parse_number(std::string_view option, std::string_view text, std::int64_t min,
                                  std::int64_t max) {
  std::int64_t value = 0;
  if (!read_number(text, value) || value < min || value > max)
    return usage(option, printable(text, 40) + ": a number " + std::to_string(min) + ".." +
                             std::to_string(max) + " is wanted");
  return value;
}

std::vector<std::string> split_lists(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts)
    for (const std::string_view piece : split(text, ','))
      if (!piece.empty()) out.emplace_back(piece);
  return out;
}

std::string media_type_of(std::string_view file_name) {
  std::string name(file_name);
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (name.ends_with(".gpkg")) return "application/geopackage+sqlite3";
  if (name.ends_with(".tif") || name.ends_with(".tiff")) return "image/tiff";
  if (name.ends_with(".csv")) return "text/csv";
  return "application/octet-stream";
}

}  // namespace hangu::cli
