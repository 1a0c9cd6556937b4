#include "audit/export/report_html.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "audit/export/line_text.hpp"
#include "audit/export/report_charts.hpp"
#include "audit/export/report_words.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kChartBarsMax = 12;

constexpr std::string_view kStyle = R"css(
@page { size: A4; margin: 18mm 14mm 16mm;
  @bottom-right { content: counter(page) " / " counter(pages); font-size: 8pt; color: #555; } }
body { font: 10pt/1.5 "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif;
  color: #1a1a1a; max-width: 190mm; margin: 1em auto; padding: 0 1em; }
h1 { font-size: 18pt; margin: 0 0 .3em; } h2 { font-size: 13pt; margin: 1.6em 0 .4em;
  border-bottom: 1px solid #888; } h3 { font-size: 11pt; margin: 1.2em 0 .3em; }
h2, h3 { break-after: avoid; }
table { border-collapse: collapse; width: 100%; margin: .5em 0 1em; font-size: 9pt; }
th, td { border: 1px solid #bbb; padding: .2em .45em; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: #eef2f5; } td.n, th.n { text-align: right; white-space: nowrap; }
thead { display: table-header-group; } tr { break-inside: avoid; }
code { font-family: "Noto Sans Mono CJK SC", monospace; font-size: 8pt; overflow-wrap: anywhere; }
figure { margin: .6em 0; break-inside: avoid; } figcaption { font-size: 8.5pt; color: #444; }
svg { max-width: 100%; height: auto; } svg text { font-size: 10px;
  font-family: "Noto Sans CJK SC", "Noto Sans SC", sans-serif; }
.alarm { color: #8c1d18; font-weight: bold; } .note { color: #444; font-size: 9pt; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
)css";

/// Table writes rows of cells; what comes in is escaped.
class Table {
 public:
  /// `name` stands as a heading above it too; readers of a screen hear it at the table.
  explicit Table(std::string_view name) {
    text_ = "<table aria-label=\"" + escape_html(name) + "\">";
  }
  struct Column {
    std::string_view name;
    bool number = false;
  };
  void head(const std::vector<Column>& columns) {
    text_ += "<thead><tr>";
    for (const Column& column : columns) {
      numbers_.push_back(column.number);
      text_ += column.number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">";
      text_ += escape_html(column.name) + "</th>";
    }
    text_ += "</tr></thead><tbody>";
  }
  void row(const std::vector<std::string>& cells) {
    text_ += "<tr>";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool number = i < numbers_.size() && numbers_[i];
      const bool first = i == 0 && !number;
      text_ += first ? "<th scope=\"row\">" : number ? "<td class=\"n\">" : "<td>";
      text_ += escape_html(cells[i]) + (first ? "</th>" : "</td>");
    }
    text_ += "</tr>";
  }
  [[nodiscard]] std::string text() const { return text_ + "</tbody></table>\n"; }

 private:
  std::string text_;
  std::vector<bool> numbers_;
};

/// Page is the report in one language.
class Page {
 public:
  Page(const Report& report, const ReportHtmlPlan& plan) : report_(report), plan_(plan) {}
  [[nodiscard]] std::string text() const {
    const std::string title =
        say(word::kTitle) + " " + report_.scope.month + " — " + line_text(plan_.source.gateway());
    std::string out = "<!DOCTYPE html>\n<html lang=\"";
    out += plan_.source.language == LineLanguage::zh ? "zh-CN" : "en";
    out +=
        "\">\n<head><meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>";
    out += escape_html(title) + "</title>\n<style>" + std::string(kStyle) + "</style></head>\n";
    out += "<body><main>\n<h1>" + escape_html(title) + "</h1>\n";
    out += source() + summary() + exceptions() + pairs() + nodes() + reasons() + people() +
           access() + types() + days();
    return out + "</main></body></html>\n";
  }

 private:
  [[nodiscard]] std::string say(const Words& words) const {
    return std::string(words.in(plan_.source.language));
  }
  [[nodiscard]] std::string heading(const Words& words) const {
    return "<h2>" + escape_html(say(words)) + "</h2>\n";
  }
  [[nodiscard]] std::string time(WallTime at) const {
    return local_time_text(at, report_.scope.offset);
  }
  [[nodiscard]] std::string none() const {
    return "<p>" + escape_html(say(word::kNone)) + "</p>\n";
  }
  [[nodiscard]] std::string source() const;
  [[nodiscard]] std::string summary() const;
  [[nodiscard]] std::string exceptions() const;
  [[nodiscard]] std::string exception_list(const ExceptionWords& words) const;
  [[nodiscard]] std::string tallies(const Words& name, const Words& column,
                                    const std::map<std::string, Tally>& rows) const;
  [[nodiscard]] std::string pairs() const;
  [[nodiscard]] std::string nodes() const {
    return tallies(word::kNodes, word::kNode, report_.nodes);
  }
  [[nodiscard]] std::string reasons() const;
  [[nodiscard]] std::string people() const;
  [[nodiscard]] std::string access() const;
  [[nodiscard]] std::string types() const;
  [[nodiscard]] std::string days() const;
  [[nodiscard]] std::vector<Table::Column> tally_columns(const Words& first) const;
  [[nodiscard]] std::vector<std::string> tally_cells(std::string first, const Tally& t) const;
  [[nodiscard]] std::string figure(const std::string& svg, const Words& caption) const {
    return "<figure>" + svg + "<figcaption>" + escape_html(say(caption)) +
           "</figcaption></figure>\n";
  }

  const Report& report_;
  const ReportHtmlPlan& plan_;
};

std::string Page::source() const {
  const ReportScope& scope = report_.scope;
  Table table(say(word::kLog));
  table.head({{say(word::kKind)}, {say(word::kWhat)}});
  std::string bounds = say(word::kWhole);
  if (!scope.from_zone.empty()) bounds = zone_pair(scope.from_zone, scope.to_zone);
  if (!scope.node.empty()) bounds = (scope.from_zone.empty() ? "" : bounds + ", ") + scope.node;
  const std::string range = report_.first ? std::to_string(*report_.first) + " – " +
                                                std::to_string(*report_.last) + " (" +
                                                std::to_string(report_.entries) + ")"
                                          : say(word::kNoEntries);
  const std::string zone = " (UTC" + offset_text(scope.offset) + ")";
  table.row({say(word::kLog), line_text(plan_.source.origin)});
  table.row({say(word::kLogSize), std::to_string(plan_.source.size)});
  table.row({say(word::kRoot), plan_.source.root});
  table.row({say(word::kFirstKept), std::to_string(plan_.source.first)});
  table.row({say(word::kPeriod), time(scope.begin) + " – " + time(scope.end) + zone});
  table.row({say(word::kRange), range});
  table.row({say(word::kScope), line_text(bounds)});
  table.row({say(word::kOfficeHours), say(word::kMondayToFriday) + " " +
                                          std::to_string(scope.open_hour) + ":00 – " +
                                          std::to_string(scope.close_hour) + ":00" + zone});
  table.row({say(word::kMade), time(plan_.made) + zone});
  return table.text() + "<p class=\"note\">" + escape_html(say(word::kSource)) + "</p>\n";
}

std::vector<Table::Column> Page::tally_columns(const Words& first) const {
  std::vector<Table::Column> out{{first.in(plan_.source.language)}};
  for (const Words& name :
       {word::kSubmitted, word::kReleased, word::kAcknowledged, word::kRefused, word::kQuarantined,
        word::kWithdrawn, word::kExpired, word::kVolume, word::kVolumeOut})
    out.push_back({name.in(plan_.source.language), true});
  return out;
}

std::vector<std::string> Page::tally_cells(std::string first, const Tally& t) const {
  std::vector<std::string> out{std::move(first)};
  for (const std::uint64_t count :
       {t.submitted, t.released, t.acknowledged, t.refused, t.quarantined, t.withdrawn, t.expired})
    out.push_back(std::to_string(count));
  out.push_back(volume_text(t.bytes_submitted));
  out.push_back(volume_text(t.bytes_released));
  return out;
}

std::string Page::summary() const {
  Table table(say(word::kSummary));
  table.head(tally_columns(word::kScope));
  table.row(tally_cells(say(word::kTotal), report_.total));
  return heading(word::kSummary) + table.text() + "<p>" + escape_html(say(word::kStarts)) + ": " +
         std::to_string(report_.starts) + "; " + escape_html(say(word::kHeartbeats)) + ": " +
         std::to_string(report_.heartbeats) + "</p>\n";
}

std::string Page::exceptions() const {
  Table table(say(word::kExceptions));
  table.head({{word::kKind.in(plan_.source.language)},
              {word::kCount.in(plan_.source.language), true},
              {word::kMeaning.in(plan_.source.language)}});
  std::string lists;
  for (const ExceptionWords& words : exception_words()) {
    table.row({say(words.name), std::to_string(report_.count_of(words.kind)), say(words.meaning)});
    if (report_.count_of(words.kind) > 0) lists += exception_list(words);
  }
  return heading(word::kExceptions) + table.text() + lists;
}

std::string Page::exception_list(const ExceptionWords& words) const {
  const auto& list = report_.list_of(words.kind);
  Table table(say(words.name));
  table.head({{word::kEntry.in(plan_.source.language), true},
              {word::kTime.in(plan_.source.language)},
              {word::kWhat.in(plan_.source.language)},
              {word::kNode.in(plan_.source.language)},
              {word::kPerson.in(plan_.source.language)},
              {word::kZones.in(plan_.source.language)},
              {word::kTransfer.in(plan_.source.language)}});
  for (const ReportException& one : list) {
    const std::string text = plan_.explain ? plan_.explain(one.what) : "";
    table.row({std::to_string(one.index), time(one.time),
               text.empty() ? one.what : one.what + " — " + text, one.node, one.person, one.zones,
               one.transfer});
  }
  std::string out =
      "<h3 class=\"alarm\">" + escape_html(say(words.name)) + "</h3>\n" + table.text();
  const std::uint64_t more = report_.count_of(words.kind) - list.size();
  if (more > 0) out += "<p>" + escape_html(say(word::kLeftOut)) + std::to_string(more) + "</p>\n";
  return out;
}

std::string Page::tallies(const Words& name, const Words& column,
                          const std::map<std::string, Tally>& rows) const {
  if (rows.empty()) return heading(name) + none();
  Table table(say(name));
  table.head(tally_columns(column));
  for (const auto& [key, tally] : rows) table.row(tally_cells(key, tally));
  return heading(name) + table.text();
}

std::string Page::pairs() const {
  std::vector<ChartBar> bars;
  for (const auto& [pair, tally] : report_.zone_pairs)
    bars.push_back({pair, tally.bytes_submitted, volume_text(tally.bytes_submitted)});
  std::ranges::stable_sort(bars, std::greater(), &ChartBar::value);
  if (bars.size() > kChartBarsMax) bars.resize(kChartBarsMax);
  const std::string chart =
      bars.empty()
          ? ""
          : figure(bar_chart(bars, word::kPairsChart.in(plan_.source.language)), word::kPairsChart);
  return tallies(word::kZonePairs, word::kZones, report_.zone_pairs) + chart;
}

std::string Page::reasons() const {
  if (report_.reasons.empty()) return heading(word::kReasons) + none();
  Table table(say(word::kReasons));
  table.head({{word::kStage.in(plan_.source.language)},
              {word::kDecision.in(plan_.source.language)},
              {word::kReason.in(plan_.source.language)},
              {word::kMeaning.in(plan_.source.language)},
              {word::kCount.in(plan_.source.language), true}});
  for (const auto& [key, count] : report_.reasons)
    table.row({key[0], key[1], key[2], plan_.explain ? plan_.explain(key[2]) : "",
               std::to_string(count)});
  return heading(word::kReasons) + table.text();
}

std::string Page::people() const {
  if (report_.people.empty()) return heading(word::kPeople) + none();
  Table table(say(word::kPeople));
  table.head({{word::kPerson.in(plan_.source.language)},
              {word::kApproved.in(plan_.source.language), true},
              {word::kRefused.in(plan_.source.language), true},
              {word::kOffHours.in(plan_.source.language), true}});
  for (const auto& [person, count] : report_.people)
    table.row({person, std::to_string(count.approved), std::to_string(count.refused),
               std::to_string(count.off_hours)});
  return heading(word::kPeople) + table.text();
}

std::string Page::access() const {
  if (report_.access.empty()) return heading(word::kAccess) + none();
  Table table(say(word::kAccess));
  table.head({{word::kZones.in(plan_.source.language)},
              {word::kLogins.in(plan_.source.language), true},
              {word::kRefused.in(plan_.source.language), true}});
  for (const auto& [where, count] : report_.access)
    table.row({where, std::to_string(count.logins), std::to_string(count.refusals)});
  return heading(word::kAccess) + table.text();
}

std::string Page::types() const {
  if (report_.types.empty()) return heading(word::kTypes) + none();
  Table table(say(word::kTypes));
  table.head(
      {{word::kKind.in(plan_.source.language)}, {word::kCount.in(plan_.source.language), true}});
  for (const auto& [type, count] : report_.types) table.row({type, std::to_string(count)});
  return heading(word::kTypes) + table.text();
}

std::string Page::days() const {
  const LineLanguage language = plan_.source.language;
  const DayLegend legend{word::kSubmitted.in(language), word::kReleased.in(language),
                         word::kRefused.in(language), word::kQuarantined.in(language)};
  Table table(say(word::kDays));
  table.head(tally_columns(word::kDay));
  for (std::size_t i = 0; i < report_.days.size(); ++i)
    table.row(tally_cells(std::to_string(i + 1), report_.days[i]));
  return heading(word::kDays) +
         figure(day_chart(report_.days, legend, word::kDaysChart.in(language)), word::kDaysChart) +
         table.text();
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string volume_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  constexpr double kStep = 1024;
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= kStep && unit + 1 < kUnits.size()) {
    value /= kStep;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value,
                kUnits.at(unit));
  return text.data();
}

std::string local_time_text(WallTime time, std::chrono::minutes offset) {
  std::string text = (time + offset).to_text();  // "2026-03-01T08:00:00.000Z"
  constexpr std::size_t kSeconds = 19;
  text.resize(kSeconds);
  text[10] = ' ';
  return text;
}

std::string offset_text(std::chrono::minutes offset) {
  const auto minutes = std::chrono::abs(offset).count();
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%c%02ld:%02ld", offset.count() < 0 ? '-' : '+',
                minutes / 60, minutes % 60);
  return text.data();
}

std::string report_html(const Report& report, const ReportHtmlPlan& plan) {
  return Page(report, plan).text();
}

}  // namespace hangu::audit
