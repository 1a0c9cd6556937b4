#include "audit/export/report_charts.hpp"

#include <algorithm>
#include <array>

#include "audit/export/report_html.hpp"

namespace hangu::audit {
namespace {

constexpr int kWidth = 720;
constexpr int kDayHeight = 200;
constexpr int kPlotTop = 28;  ///< below the legend
constexpr int kPlotLeft = 44;
constexpr int kAxisRoom = 18;
constexpr int kRowHeight = 22;
constexpr int kLabelWidth = 220;
constexpr int kValueWidth = 110;

// Told apart by lightness too, and by the order within a group.
constexpr std::array<std::string_view, 4> kColours{"#9bb4cc", "#1f5f8b", "#b3261e", "#d98c00"};

std::string attribute(std::string_view name, long value) {
  return " " + std::string(name) + "=\"" + std::to_string(value) + "\"";
}

std::string rect(long x, long y, long width, long height, std::string_view colour) {
  return "<rect" + attribute("x", x) + attribute("y", y) + attribute("width", width) +
         attribute("height", height) + " fill=\"" + std::string(colour) + "\"/>";
}

std::string text_at(long x, long y, std::string_view anchor, std::string_view text) {
  return "<text" + attribute("x", x) + attribute("y", y) + " text-anchor=\"" + std::string(anchor) +
         "\">" + escape_html(text) + "</text>";
}

std::string begin_svg(int width, int height, std::string_view title) {
  return "<svg role=\"img\" viewBox=\"0 0 " + std::to_string(width) + " " + std::to_string(height) +
         "\"" + attribute("width", width) + attribute("height", height) +
         " font-size=\"10\" font-family=\"Noto Sans CJK SC, sans-serif\""
         " xmlns=\"http://www.w3.org/2000/svg\"><title>" +
         escape_html(title) + "</title>";
}

/// `value` of `most` along `length`; what is there is seen.
long scaled(std::uint64_t value, std::uint64_t most, long length) {
  if (value == 0 || most == 0) return 0;
  const double share = static_cast<double>(value) / static_cast<double>(most);
  return std::max(1L, static_cast<long>(share * static_cast<double>(length)));
}

std::array<std::uint64_t, 4> values_of(const Tally& day) {
  return {day.submitted, day.released, day.refused, day.quarantined};
}

}  // namespace

std::string bar_chart(const std::vector<ChartBar>& bars, std::string_view title) {
  std::uint64_t most = 0;
  for (const ChartBar& bar : bars) most = std::max(most, bar.value);
  const int height = static_cast<int>(bars.size()) * kRowHeight + 6;
  std::string out = begin_svg(kWidth, height, title);
  long y = 4;
  for (const ChartBar& bar : bars) {
    const long length = scaled(bar.value, most, kWidth - kLabelWidth - kValueWidth);
    out += text_at(kLabelWidth - 8, y + 13, "end", bar.label);
    out += rect(kLabelWidth, y, length, kRowHeight - 6, kColours[1]);
    out += text_at(kLabelWidth + length + 6, y + 13, "start", bar.value_text);
    y += kRowHeight;
  }
  return out + "</svg>";
}

std::string day_chart(const std::vector<Tally>& days, const DayLegend& legend,
                      std::string_view title) {
  std::uint64_t most = 0;
  for (const Tally& day : days)
    for (const std::uint64_t value : values_of(day)) most = std::max(most, value);
  std::string out = begin_svg(kWidth, kDayHeight, title);
  long x = kPlotLeft;
  std::size_t series = 0;
  for (const std::string_view name :
       {legend.submitted, legend.released, legend.refused, legend.quarantined}) {
    out += rect(x, 6, 10, 10, kColours.at(series++));
    out += text_at(x + 14, 15, "start", name);
    x += 130;
  }
  const long bottom = kDayHeight - kAxisRoom;
  const long tall = bottom - kPlotTop;
  out += text_at(kPlotLeft - 6, kPlotTop + 8, "end", std::to_string(most));
  out += text_at(kPlotLeft - 6, bottom, "end", "0");
  out += rect(kPlotLeft, bottom, kWidth - kPlotLeft, 1, "#555");
  const long slot = (kWidth - kPlotLeft) / static_cast<long>(std::max<std::size_t>(days.size(), 1));
  const long width = std::max(1L, (slot - 4) / 4);
  for (std::size_t i = 0; i < days.size(); ++i) {
    long at = kPlotLeft + static_cast<long>(i) * slot + 2;
    out += text_at(at + 2 * width, kDayHeight - 5, "middle", std::to_string(i + 1));
    std::size_t colour = 0;
    for (const std::uint64_t value : values_of(days[i])) {
      const long high = scaled(value, most, tall);
      out += rect(at, bottom - high, width, high, kColours.at(colour++));
      at += width;
    }
  }
  return out + "</svg>";
}

}  // namespace hangu::audit
