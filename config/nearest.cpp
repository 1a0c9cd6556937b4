#include "config/nearest.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include "base/text.hpp"

namespace hangu::config {
namespace {

constexpr std::size_t kCodePointsMax = 100;  ///< that are compared of a text

/// Code points as their UTF-8 bytes in one number each.
std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool begins = (byte & 0xc0U) != 0x80U || out.empty();
    if (begins && out.size() == kCodePointsMax) break;
    if (begins) out.push_back(0);
    out.back() = out.back() << 8U | byte;
  }
  return out;
}

std::size_t edit_distance(const std::u32string& a, const std::u32string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t corner = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = corner + (a[i - 1] == b[j - 1] ? 0 : 1);
      corner = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_of(std::span<const std::string> known, std::string_view text) {
  const std::u32string meant = code_points(text);
  const std::string* best = nullptr;
  std::size_t least = 0;
  for (const std::string& name : known) {
    const std::u32string points = code_points(name);
    const std::size_t distance = edit_distance(points, meant);
    if (2 * distance > std::max(points.size(), meant.size())) continue;
    if (best != nullptr && distance >= least) continue;
    best = &name;
    least = distance;
  }
  return best != nullptr ? *best : std::string();
}

std::string did_you_mean(std::span<const std::string> known, std::string_view text) {
  const std::string nearest = nearest_of(known, text);
  return nearest.empty() ? std::string() : "; did you mean \"" + printable(nearest, 60) + "\"?";
}

}  // namespace hangu::config
