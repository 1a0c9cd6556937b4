#include "policy/rule_reader.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace hangu::policy {
namespace {

using config::TomlTable;
using Placed = TomlTable::Placed;

constexpr std::size_t kListMax = 1000;
constexpr std::size_t kHoursMax = 8;
constexpr std::size_t kNearestTold = 10;  ///< of a table: to find one costs a look at every name
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::int64_t kDenominatorMax = 1'000'000'000;
constexpr std::uint64_t kPerDayMax = 1'000'000;
constexpr std::uint64_t kSquareKilometresMax = 10'000'000;  ///< China has 9.6 million

/// A text, or a list of texts.
std::optional<std::vector<Placed>> one_or_more(TomlTable& t, std::string_view key,
                                               std::size_t items_max, std::size_t items_min = 1) {
  return t.is_text(key) ? std::optional(std::vector{t.placed(key)})
                        : t.texts(key, items_max, items_min);
}

std::uint8_t bits_of(TomlTable& t, const std::vector<Placed>& carriers) {
  std::uint8_t out = 0;
  for (const auto& [text, node] : carriers) {
    if (text == "online") {
      out |= static_cast<std::uint8_t>(Carrier::online);
    } else if (text == "one-way") {
      out |= static_cast<std::uint8_t>(Carrier::one_way);
    } else if (text == "media") {
      out |= static_cast<std::uint8_t>(Carrier::media);
    } else {
      t.note("config-value", *node, "carrier: online, one-way or media");
    }
  }
  return out;
}

void read_approve(TomlTable& t, const Catalogue& catalogue, Obligations& out) {
  out.approvals = static_cast<std::uint32_t>(t.integer("count", 0, kApprovalsMax, 0));
  out.approver_roles = read_names(t, "roles", catalogue.roles).value_or(NameSet{});
  out.distinct_organisations = t.boolean("distinct_organisations", false);
  if (!t.boolean("distinct", true))
    t.note("config-value", t.source(), "distinct must be true: one human counts once");
  if (out.approver_roles.size() > kApprovalsMax)
    t.note("config-value", t.source(), "at most " + std::to_string(kApprovalsMax) + " roles");
  // Each listed role is filled by a different human, so fewer approvals than roles cannot be.
  out.approvals = std::max(out.approvals, static_cast<std::uint32_t>(out.approver_roles.size()));
}

void read_limits(TomlTable& t, Limits& out) {
  const auto read = [&](std::string_view key, std::uint64_t max, std::uint64_t unit,
                        std::optional<std::uint64_t>& into) {
    if (t.has(key)) into = unit * t.integer(key, 1, max, 1);
  };
  read("size_mb", kObjectBytesMax / kMegabyte, kMegabyte, out.bytes);
  read("objects", kObjectsMax, 1, out.objects);
  read("per_day", kPerDayMax, 1, out.per_day);
  read("contiguous_km2", kSquareKilometresMax, 1, out.contiguous_km2);
}

/// Reads one rule, whatever is wrong in it.
class RuleReader {
 public:
  RuleReader(RuleKind kind, const toml::table& table, const Catalogue& catalogue)
      : kind_(kind), catalogue_(catalogue), rule_(table, kind_name()) {}

  std::optional<Rule> read(std::vector<Error>& problems) {
    Rule out;
    out.kind = kind_;
    out.place = config::place_of(rule_.source().source());
    out.id = read_rule_id(rule_);
    out.title = read_title(rule_);
    out.box.from = read_names(rule_, "from", catalogue_.zones);
    out.box.to = read_names(rule_, "to", catalogue_.zones);
    out.box.dataset = read_names(rule_, "dataset", catalogue_.datasets);
    out.box.area_sets = read_names(rule_, "area_set", catalogue_.area_sets);
    out.box.areas = read_areas(rule_, "area");
    rule_.inner("label", [&](TomlTable& t) { read_label(t, out.box); });
    rule_.inner("scale", [&](TomlTable& t) { out.box.scale = scale(t); });
    rule_.inner("when", [&](TomlTable& t) { out.box.when = when(t); });
    rule_.inner("subject", [&](TomlTable& t) {
      out.box.node_levels = read_names(t, "node_level", catalogue_.node_levels);
      out.box.roles = read_names(t, "role", catalogue_.roles);
    });
    rule_.inner("require", [&](TomlTable& t) {
      if (kind_ == RuleKind::forbid)
        t.note("config-value", t.source(), "a forbid requires nothing");
      out.obligations = read_obligations(t, catalogue_);
    });
    check_complete(rule_.source());
    if (rule_.finish()) return out;
    problems.insert(problems.end(), rule_.errors().begin(), rule_.errors().end());
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::string kind_name() const {
    return kind_ == RuleKind::permit ? "permit" : "forbid";
  }
  /// A permit says where from, where to, what, and up to which label.
  void check_complete(const toml::table& table) {
    if (kind_ == RuleKind::forbid) return;
    std::string missing;
    for (const char* path : {"from", "to", "dataset", "label.secrecy_max", "label.grade_max"})
      if (!table.at_path(path)) missing += (missing.empty() ? "" : ", ") + std::string(path);
    if (!missing.empty())
      rule_.note("policy-column-missing", table, "a permit must name " + missing);
  }

  /// label = { secrecy_max = …, grade_max = …, within = […] }; a forbid says _min.
  void read_label(TomlTable& t, Box& box) const {
    const std::string end = kind_ == RuleKind::permit ? "_max" : "_min";
    if (t.has("secrecy" + end)) box.secrecy = read_secrecy(t, "secrecy" + end);
    if (t.has("grade" + end)) box.grade = read_grade(t, "grade" + end);
    box.within = read_names(t, "within", catalogue_.compartments);
  }

  static ScaleRange scale(TomlTable& t) {
    ScaleRange out;
    if (!t.has("finest") && !t.has("coarsest"))
      t.note("config-value", t.source(), "scale: finest, coarsest or both");
    const auto read = [&](std::string_view key, std::int64_t otherwise) {
      return static_cast<std::int64_t>(t.integer(key, 1,
                                                 static_cast<std::uint64_t>(kDenominatorMax),
                                                 static_cast<std::uint64_t>(otherwise)));
    };
    out.finest = read("finest", out.finest);
    out.coarsest = read("coarsest", out.coarsest);
    if (out.finest > out.coarsest)
      t.note("config-value", t.source(), "scale: finest is the smaller denominator");
    return out;
  }

  When when(TomlTable& t) const {
    When out;
    const Placed days = t.placed("days");
    const auto calendar = catalogue_.calendars.find(days.text);
    if (!calendar)
      t.note("policy-name-unknown", *days.node,
             "days: the catalogue has no calendar \"" + printable(days.text, 60) + "\"" +
                 catalogue_.calendars.did_you_mean(days.text));
    out.calendar = calendar.value_or(NameIndex{0});
    for (const auto& [text, node] :
         one_or_more(t, "hours", kHoursMax).value_or(std::vector<Placed>{})) {
      const Result<Hours> hours = Hours::parse(text);
      if (!hours) t.note("config-value", *node, hours.error().context());
      out.hours.push_back(hours.value_or(Hours{}));
    }
    return out;
  }

  RuleKind kind_;
  const Catalogue& catalogue_;
  TomlTable rule_;
};

}  // namespace

std::string read_title(TomlTable& table) {
  constexpr std::size_t kTitleBytesMax = 400;
  if (!table.has("title")) return {};
  Placed title = table.placed("title");
  if (!is_printable(title.text, kTitleBytesMax))
    table.note("config-value", *title.node,
               "title: at most " + std::to_string(kTitleBytesMax) +
                   " bytes, no control characters or marks of direction");
  return std::move(title.text);
}

std::optional<WallTime> read_time(TomlTable& table, std::string_view key) {
  const std::size_t before = table.errors().size();
  const auto time = WallTime::parse(table.date_time(key));
  if (time) return *time;
  if (table.errors().size() == before)
    table.note("config-value", table.source(), std::string(key) + ": of the years 1970 to 9999");
  return std::nullopt;
}

std::string read_rule_id(TomlTable& table) {
  Placed id = table.placed("id");
  const bool good =
      !id.text.empty() && id.text.size() <= 64 && std::ranges::all_of(id.text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_' || c == '.';
      });
  if (!good && table.has("id"))
    table.note("config-value", *id.node, "id: 1 to 64 ASCII letters, digits, -, _ and .");
  return std::move(id.text);
}

std::optional<NameSet> read_names(TomlTable& table, std::string_view key, const NameList& known,
                                  std::size_t names_min) {
  const auto texts = one_or_more(table, key, kListMax, names_min);
  if (!texts) return std::nullopt;
  NameSet out;
  for (const auto& [text, node] : *texts) {
    if (const auto index = known.find(text)) {
      out.insert(*index);
    } else {
      table.note("policy-name-unknown", *node,
                 std::string(key) + ": the catalogue does not know \"" + printable(text, 60) +
                     "\"" + (table.errors().size() < kNearestTold ? known.did_you_mean(text) : ""));
    }
  }
  return out;
}

std::optional<std::vector<Area>> read_areas(TomlTable& table, std::string_view key) {
  const auto texts = one_or_more(table, key, kListMax);
  if (!texts) return std::nullopt;
  std::vector<Area> out;
  for (const auto& [text, node] : *texts) {
    const auto area = Area::parse(text);
    if (!area)
      table.note("config-value", *node,
                 std::string(key) + ": a GB/T 2260 prefix of 2, 4 or 6 digits");
    out.push_back(area.value_or(Area{}));
  }
  return out;
}

std::optional<flow::Secrecy> read_secrecy(TomlTable& table, std::string_view key) {
  const Placed placed = table.placed(key);
  if (const auto secrecy = flow::parse_secrecy(placed.text)) return *secrecy;
  table.note("config-value", *placed.node,
             std::string(key) + ": \"" + printable(placed.text, 60) +
                 "\" is none of 公开 open, 内部 internal, 秘密 secret, 机密 confidential, 绝密 "
                 "top-secret");
  return std::nullopt;
}

std::optional<flow::DataGrade> read_grade(TomlTable& table, std::string_view key) {
  const Placed placed = table.placed(key);
  if (const auto grade = flow::parse_data_grade(placed.text)) return *grade;
  table.note("config-value", *placed.node,
             std::string(key) + ": \"" + printable(placed.text, 60) +
                 "\" is none of 一般 general, 重要 important, 核心 core");
  return std::nullopt;
}

Obligations read_obligations(TomlTable& t, const Catalogue& catalogue, std::size_t carriers_min) {
  Obligations out;
  out.declassifiers = read_names(t, "declassify", catalogue.declassifiers).value_or(NameSet{});
  out.packs = read_names(t, "desensitise", catalogue.packs).value_or(NameSet{});
  out.notify = read_names(t, "notify", catalogue.roles).value_or(NameSet{});
  out.watermark = t.boolean("watermark", false);
  if (const auto carriers = one_or_more(t, "carrier", 3, carriers_min))
    out.carriers = bits_of(t, *carriers);
  t.inner("approve", [&](TomlTable& approve) { read_approve(approve, catalogue, out); });
  t.inner("limit", [&](TomlTable& limit) { read_limits(limit, out.limits); });
  return out;
}

std::optional<Rule> read_rule(RuleKind kind, const toml::table& table, const Catalogue& catalogue,
                              std::vector<Error>& problems) {
  return RuleReader(kind, table, catalogue).read(problems);
}

}  // namespace hangu::policy
