#pragma once
// Values: what options spell in words — durations, instants, sizes of numbers, media types of
// files.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"

namespace hangu::cli {

/// "90s", "10m", "2h", "7d": 1 s .. 3660 d. Errors: Malformed "usage-value" naming `option`.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view option,
                                                               std::string_view text);
/// Which end of a span of time an option names.
enum class Edge : std::uint8_t { start, end };
/// An instant: RFC 3339; a date in UTC, which as a start means its first instant and as an end
/// includes the day; or how long before now ("7d"). Errors: Malformed "usage-value"; those of the
/// clock.
[[nodiscard]] Result<WallTime> parse_instant(const Clock& clock, std::string_view option,
                                             std::string_view text, Edge edge);
/// A decimal number `min`..`max`. Errors: Malformed "usage-value".
[[nodiscard]] Result<std::int64_t> parse_number(std::string_view option, std::string_view text,
                                                std::int64_t min, std::int64_t max);
/// Each text cut at its commas; empty pieces dropped.
[[nodiscard]] std::vector<std::string> split_lists(const std::vector<std::string>& texts);
/// By extension: .gpkg, .tif and .tiff, .csv; else application/octet-stream.
[[nodiscard]] std::string media_type_of(std::string_view file_name);

}  // namespace hangu::cli
