#pragma once
// Administrative areas by GB/T 2260: a prefix of two digits is a province, four a prefecture, six a
// county.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hangu::policy {

/// The six-digit codes that begin with a prefix: [first, end).
struct Area {
  std::uint32_t first = 0;
  std::uint32_t end = 1'000'000;

  /// Nothing when `text` is not two, four or six digits, or of no province (GB/T 2260: 11 to 15, 21
  /// to 23, 31 to 37, 41 to 46, 50 to 54, 61 to 65, 71, 81 and 82).
  [[nodiscard]] static std::optional<Area> parse(std::string_view text) {
    if (text.size() != 2 && text.size() != 4 && text.size() != 6) return std::nullopt;
    std::uint32_t number = 0;
    for (const char digit : text) {
      if (digit < '0' || digit > '9') return std::nullopt;
      number = 10 * number + static_cast<std::uint32_t>(digit - '0');
    }
    const std::uint32_t province = text.size() == 2   ? number
                                   : text.size() == 4 ? number / 100
                                                      : number / 10'000;
    const std::uint32_t in_region = province % 10;  // of the region that the first digit says
    constexpr std::array<std::uint32_t, 10> kFirst{1, 1, 1, 1, 1, 0, 1, 1, 1, 1};
    constexpr std::array<std::uint32_t, 10> kLast{0, 5, 3, 7, 6, 4, 5, 1, 2, 0};
    if (in_region < kFirst.at(province / 10) || in_region > kLast.at(province / 10))
      return std::nullopt;
    const std::uint32_t width = text.size() == 2 ? 10'000 : text.size() == 4 ? 100 : 1;
    return Area{.first = number * width, .end = (number + 1) * width};
  }

  [[nodiscard]] bool is_inside(const Area& outer) const {
    return outer.first <= first && end <= outer.end;
  }
  /// Of two prefixes one is inside the other, or they share nothing.
  [[nodiscard]] bool touches(const Area& other) const {
    return first < other.end && other.first < end;
  }
  [[nodiscard]] unsigned province() const { return first / 10'000; }
  bool operator==(const Area&) const = default;
};

}  // namespace hangu::policy
