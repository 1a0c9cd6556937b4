#pragma once
// A report as one HTML file: no script, nothing from elsewhere, charts as SVG beside their tables.

#include <functional>
#include <string>

#include "audit/export/line_format.hpp"
#include "audit/export/report.hpp"

namespace hangu::audit {

struct ReportHtmlPlan {
  LineSource source;
  WallTime made;
  /// A sentence for a reason code in the report's language; empty when there is none.
  std::function<std::string(std::string_view)> explain;
};

[[nodiscard]] std::string report_html(const Report& report, const ReportHtmlPlan& plan);

/// '&', '<', '>', '"' and '\'' as references.
[[nodiscard]] std::string escape_html(std::string_view text);
/// "12.3 MiB"
[[nodiscard]] std::string volume_text(std::uint64_t bytes);
/// Local time by the scope's offset: "2026-03-01 08:00:00".
[[nodiscard]] std::string local_time_text(WallTime time, std::chrono::minutes offset);
/// "+08:00"
[[nodiscard]] std::string offset_text(std::chrono::minutes offset);

}  // namespace hangu::audit
