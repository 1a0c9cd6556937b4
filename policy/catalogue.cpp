#include "policy/catalogue.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ids.hpp"
#include "policy/rule_reader.hpp"

namespace hangu::policy {
namespace {

using config::TomlTable;

constexpr std::array<std::string_view, 7> kWeekdays{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};
constexpr std::chrono::minutes kOffsetMax{14 * 60};
constexpr std::size_t kZonesMax = 64;
constexpr std::size_t kDaysMax = 1000;  ///< that a calendar names

/// Reads each table of an array into `names`, and what else it says with `read`.
template <class Read>
Done read_list(TomlTable& root, std::string_view key, NameList& names, Read read) {
  const toml::array* items = root.array(key);
  if (items == nullptr) return {};
  for (const toml::node& item : *items) {
    const toml::table* table = item.as_table();
    if (table == nullptr)
      return fail(ErrorCode::malformed, "config-value", std::string(key) + " holds tables");
    TomlTable t(*table, std::string(key));
    Named name{t.text("id"), t.text("title_zh"), t.text("title_en")};
    if (!check_id(IdForm::name, name.id)) t.note("config-value", *table, "id must be an ASCII id");
    const Result<NameIndex> index = names.add(std::move(name));
    if (!index) t.note(index.error().reason(), *table, index.error().context());
    if (index) read(t, *index);
    HANGU_CHECK(t.finish());
  }
  return {};
}
constexpr auto kNothingElse = [](TomlTable&, NameIndex) {};

Ceiling read_ceiling(TomlTable& t) {
  return {.secrecy = read_secrecy(t, "ceiling_secrecy").value_or(flow::Secrecy::open),
          .grade = read_grade(t, "ceiling_grade").value_or(flow::DataGrade::general)};
}

/// A calendar's UTC offset: "+08:00", "-03:30", "Z".
std::optional<std::chrono::minutes> offset_of(std::string_view text) {
  if (text == "Z") return std::chrono::minutes(0);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  int hours = 0;
  int minutes = 0;
  const bool read = std::from_chars(&text[1], &text[3], hours).ptr == &text[3] &&
                    std::from_chars(&text[4], text.data() + 6, minutes).ptr == text.data() + 6;
  if (!read || hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::chrono::minutes out(60 * hours + minutes);
  if (text[1] == '-' || text[4] == '-' || out > kOffsetMax) return std::nullopt;
  return text[0] == '-' ? -out : out;
}

/// Dates "YYYY-MM-DD" as a TOML list of texts.
std::set<std::chrono::sys_days> read_days(TomlTable& t, std::string_view key) {
  std::set<std::chrono::sys_days> out;
  for (const auto& [text, node] :
       t.texts(key, kDaysMax).value_or(std::vector<TomlTable::Placed>{})) {
    const auto midnight = WallTime::parse(text + "T00:00:00Z");
    if (!midnight)
      t.note("config-value", *node, std::string(key) + ": a day like \"2026-10-01\"");
    else
      out.insert(
          std::chrono::floor<std::chrono::days>(std::chrono::sys_time(midnight->since_epoch())));
  }
  return out;
}

Calendar read_calendar(TomlTable& t) {
  Calendar out;
  const auto offset = offset_of(t.text("offset"));
  if (!offset) t.note("config-value", t.source(), "offset: like \"+08:00\"");
  out.offset = offset.value_or(std::chrono::minutes(0));
  const auto days = t.texts("days", kWeekdays.size());
  if (!days) t.note("config-value", t.source(), "days is missing: [\"mon\", \"tue\", …]");
  for (const auto& [text, node] : days.value_or(std::vector<TomlTable::Placed>{})) {
    const auto* const day = std::ranges::find(kWeekdays, text);
    if (day == kWeekdays.end())
      t.note("config-value", *node, "days: mon, tue, wed, thu, fri, sat or sun");
    else
      out.weekdays.insert(static_cast<unsigned>(day - kWeekdays.begin()));
  }
  out.off = read_days(t, "holidays");
  out.made = read_days(t, "workdays");
  for (const auto day : out.made)
    if (out.off.contains(day))
      t.note("config-value", t.source(), "a day is both a holiday and a workday");
  return out;
}

std::string read_digest(TomlTable& t) {
  constexpr std::string_view kForm = "sha256:";
  std::string digest = t.text("digest");
  const bool good = digest.size() == kForm.size() + 64 && digest.starts_with(kForm) &&
                    std::ranges::all_of(digest.substr(kForm.size()), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                    });
  if (!good) t.note("config-value", t.source(), "digest: \"sha256:\" and 64 hex digits");
  return digest;
}

void read_compartments(TomlTable& root, NameList& out) {
  const auto texts = root.texts("compartments", kNamesMax);
  for (const auto& [text, node] : texts.value_or(std::vector<TomlTable::Placed>{}))
    if (const auto index = out.add({.id = text, .title_zh = {}, .title_en = {}}); !index)
      root.note(index.error().reason(), *node, index.error().context());
}

}  // namespace

Result<Catalogue> Catalogue::parse(std::string_view text) {
  if (text.size() > kPolicyBytesMax) return fail(ErrorCode::exhausted, "catalogue-too-long");
  HANGU_TRY(const toml::table root, config::parse_toml(text));
  TomlTable t(root, "catalogue");
  Catalogue out;
  const toml::table* head = t.table("catalogue");
  if (head == nullptr) return fail(ErrorCode::malformed, "config-value", "[catalogue] is missing");
  TomlTable h(*head, "catalogue");
  out.id = h.text("id");
  out.version = static_cast<std::uint32_t>(h.integer("version", 1, 1'000'000'000, 0));
  HANGU_CHECK(h.finish());
  HANGU_CHECK(read_list(t, "zone", out.zones, [&](TomlTable& zone, NameIndex) {
    out.ceilings.push_back(read_ceiling(zone));
  }));
  HANGU_CHECK(read_list(t, "dataset", out.datasets, [&](TomlTable& dataset, NameIndex index) {
    const auto products = dataset.texts("products", kNamesMax);
    if (!products) dataset.note("config-value", dataset.source(), "products is missing");
    for (const auto& one : products.value_or(std::vector<TomlTable::Placed>{}))
      if (!check_id(IdForm::name, one.text))
        dataset.note("config-value", *one.node, "products: a product code is an ASCII id");
      else
        out.products[one.text].insert(index);
  }));
  HANGU_CHECK(read_list(t, "role", out.roles, kNothingElse));
  HANGU_CHECK(read_list(t, "node_level", out.node_levels, kNothingElse));
  HANGU_CHECK(read_list(t, "declassifier", out.declassifiers, kNothingElse));
  HANGU_CHECK(read_list(t, "pack", out.packs, kNothingElse));
  HANGU_CHECK(read_list(t, "area_set", out.area_sets, [&](TomlTable& set, NameIndex) {
    out.area_set_digests.push_back(read_digest(set));
  }));
  HANGU_CHECK(read_list(t, "calendar", out.calendars, [&](TomlTable& calendar, NameIndex) {
    out.calendar_days.push_back(read_calendar(calendar));
  }));
  read_compartments(t, out.compartments);
  HANGU_CHECK(t.finish());
  if (out.zones.size() > kZonesMax)
    return fail(ErrorCode::malformed, "config-value",
                "more than " + std::to_string(kZonesMax) + " zones");
  if (out.version == 0 || out.zones.empty() || out.datasets.empty())
    return fail(ErrorCode::malformed, "config-value", "catalogue needs version, zones, datasets");
  return out;
}

NameSet Catalogue::classes_of(std::string_view product) const {
  const auto at = products.find(product);
  return at == products.end() ? NameSet() : at->second;
}

}  // namespace hangu::policy
