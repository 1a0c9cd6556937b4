#pragma once
// Values: what options spell in words — durations, sizes of numbers, media types of files.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hangu::cli {

/// "90s", "10m", "2h", "7d": 1 s .. 3660 d. Errors: Malformed "usage-value" naming `option`.
[[nodiscard]] Result<std::chrono::milliseconds> parse_duration(std::string_view option,
                                                               std::string_view text);
/// A decimal number `min`..`max`. Errors: Malformed "usage-value".
[[nodiscard]] Result<std::int64_t> parse_number(std::string_view option, std::string_view text,
                                                std::int64_t min, std::int64_t max);
/// Each text cut at its commas; empty pieces dropped.
[[nodiscard]] std::vector<std::string> split_lists(const std::vector<std::string>& texts);
/// By extension: .gpkg, .tif and .tiff, .csv; else application/octet-stream.
[[nodiscard]] std::string media_type_of(std::string_view file_name);
/// The candidate nearest to `text` by edit distance, if it is near enough to be meant.
[[nodiscard]] std::string nearest(const std::vector<std::string>& candidates,
                                  std::string_view text);

}  // namespace hangu::cli
