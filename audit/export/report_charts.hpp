#pragma once
// Charts of a report as inline SVG. Each has a title, and a table of the same numbers beside it.

#include <string>
#include <string_view>
#include <vector>

#include "audit/export/report.hpp"

namespace hangu::audit {

struct ChartBar {
  std::string label;
  std::uint64_t value = 0;
  std::string value_text;
};

/// Horizontal bars, longest first as given.
[[nodiscard]] std::string bar_chart(const std::vector<ChartBar>& bars, std::string_view title);

/// A group of bars a day, and a legend of the same order: submitted, released, refused,
/// quarantined.
struct DayLegend {
  std::string_view submitted, released, refused, quarantined;
};
[[nodiscard]] std::string day_chart(const std::vector<Tally>& days, const DayLegend& legend,
                                    std::string_view title);

}  // namespace hangu::audit
