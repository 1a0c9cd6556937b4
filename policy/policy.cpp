#include "policy/policy.hpp"

#include <algorithm>
#include <charconv>

#include "base/limits.hpp"
#include "config/toml_table.hpp"

namespace hangu::policy {
namespace {

using config::TomlTable;
constexpr std::size_t kListMax = 1000;
constexpr std::uint64_t kMegabyte = 1'000'000;

std::vector<Named> zone_names(const Catalogue& c) {
  std::vector<Named> out;
  out.reserve(c.zones.size());
  for (const ZoneTerms& zone : c.zones) out.push_back(zone.name);
  return out;
}

std::vector<Named> dataset_names(const Catalogue& c) {
  std::vector<Named> out;
  out.reserve(c.datasets.size());
  for (const DatasetClass& dataset : c.datasets) out.push_back(dataset.name);
  return out;
}

/// A column of catalogue names, as ids.
std::optional<std::set<std::string>> read_names(TomlTable& t, std::string_view key,
                                                const std::vector<Named>& known) {
  const auto texts = t.texts(key, kListMax);
  if (!texts) return std::nullopt;
  std::set<std::string> out;
  for (const auto& [text, node] : *texts) {
    if (const Named* name = find_named(known, text)) {
      out.insert(name->id);
    } else {
      t.note("policy-name-unknown", *node,
             std::string(key) + ": \"" + printable(text, 60) + "\"; did you mean \"" +
                 nearest_name(known, text) + "\"?");
    }
  }
  return out;
}

/// label = { secrecy_max = …, grade_max = …, within = […] }; a forbid says _min.
void read_label(TomlTable& rule, Rule& out, const Catalogue& catalogue) {
  const toml::table* table = rule.table("label");
  if (table == nullptr) return;
  TomlTable t(*table, "label");
  const std::string end = out.kind == RuleKind::permit ? "_max" : "_min";
  if (t.has("secrecy" + end)) {
    const auto s = flow::parse_secrecy(t.text("secrecy" + end));
    if (!s) t.note("config-value", *table, s.error().message());
    out.secrecy = s.value_or(flow::Secrecy::open);
  }
  if (t.has("grade" + end)) {
    const auto g = flow::parse_data_grade(t.text("grade" + end));
    if (!g) t.note("config-value", *table, g.error().message());
    out.grade = g.value_or(flow::DataGrade::general);
  }
  if (const auto within = t.texts("within", kListMax)) {
    out.within.emplace();
    for (const auto& [text, node] : *within) {
      if (!catalogue.compartments.contains(text))
        t.note("policy-name-unknown", *node, "compartment \"" + printable(text, 60) + "\"");
      out.within->insert(text);
    }
  }
  if (const Done done = t.finish(); !done)
    rule.note(done.error().reason(), *table, done.error().context());
}

void read_scale_and_area(TomlTable& t, Rule& out) {
  if (const toml::table* scale = t.table("scale")) {
    TomlTable s(*scale, "scale");
    out.finest = static_cast<std::int64_t>(s.integer("finest", 1, 1'000'000'000, 1));
    if (const Done done = s.finish(); !done)
      t.note(done.error().reason(), *scale, done.error().context());
  }
  if (const auto area = t.texts("area", kListMax)) {
    out.area.emplace();
    for (const auto& [text, node] : *area) {
      const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
      if (!digits || (text.size() != 2 && text.size() != 4 && text.size() != 6))
        t.note("config-value", *node, "area: a GB/T 2260 prefix of 2, 4 or 6 digits");
      out.area->insert(text);
    }
  }
}

void read_approve(TomlTable& require, Rule& out, const Catalogue& catalogue) {
  const toml::table* table = require.table("approve");
  if (table == nullptr) return;
  TomlTable t(*table, "require.approve");
  out.obligations.approvals = static_cast<std::uint32_t>(t.integer("count", 0, kApprovalsMax, 0));
  out.obligations.approver_roles =
      read_names(t, "roles", catalogue.roles).value_or(std::set<std::string>{});
  if (!t.boolean("distinct", true))
    t.note("config-value", *table, "distinct must be true: one human counts once");
  // Each listed role is filled by a different human, so fewer approvals than roles cannot be.
  out.obligations.approvals = std::max(
      out.obligations.approvals, static_cast<std::uint32_t>(out.obligations.approver_roles.size()));
  if (const Done done = t.finish(); !done)
    require.note(done.error().reason(), *table, done.error().context());
}

void read_require(TomlTable& rule, Rule& out, const Catalogue& catalogue) {
  const toml::table* table = rule.table("require");
  if (table == nullptr) return;
  if (out.kind == RuleKind::forbid) rule.note("config-value", *table, "a forbid requires nothing");
  TomlTable t(*table, "require");
  out.obligations.declassifiers =
      read_names(t, "declassify", catalogue.declassifiers).value_or(std::set<std::string>{});
  read_approve(t, out, catalogue);
  if (const toml::table* limit = t.table("limit")) {
    TomlTable l(*limit, "require.limit");
    out.obligations.bytes_max = l.integer("size_mb", 1, kObjectBytesMax / kMegabyte, 0) * kMegabyte;
    if (const Done done = l.finish(); !done)
      t.note(done.error().reason(), *limit, done.error().context());
  }
  if (const Done done = t.finish(); !done)
    rule.note(done.error().reason(), *table, done.error().context());
}

Result<Rule> read_rule(RuleKind kind, const toml::table& table, const Catalogue& catalogue) {
  TomlTable t(table, kind == RuleKind::permit ? "permit" : "forbid");
  Rule out;
  out.kind = kind;
  out.place = config::place_of(table.source());
  out.id = t.text("id");
  out.title = t.text("title", "");
  out.from = read_names(t, "from", zone_names(catalogue));
  out.to = read_names(t, "to", zone_names(catalogue));
  out.dataset = read_names(t, "dataset", dataset_names(catalogue));
  read_label(t, out, catalogue);
  read_scale_and_area(t, out);
  read_require(t, out, catalogue);
  HANGU_CHECK(t.finish());
  const bool complete = out.from && out.to && out.dataset && out.secrecy && out.grade;
  if (kind == RuleKind::permit && !complete)
    return fail(ErrorCode::malformed, "policy-column-missing",
                out.place + ": permit " + printable(out.id, 60) +
                    " must name from, to, dataset, label.secrecy_max and label.grade_max");
  return out;
}

Done read_rules(TomlTable& root, RuleKind kind, const Catalogue& catalogue, Policy& out,
                std::set<std::string>& ids) {
  const std::string key = kind == RuleKind::permit ? "permit" : "forbid";
  const toml::array* items = root.array(key);
  if (items == nullptr) return {};
  if (items->size() > kRulesMax) return fail(ErrorCode::exhausted, "policy-too-many-rules");
  for (const toml::node& item : *items) {
    if (!item.is_table())
      return fail(ErrorCode::malformed, "config-value", "[[" + key + "]] is a table");
    HANGU_TRY(Rule rule, read_rule(kind, *item.as_table(), catalogue));
    if (!ids.insert(rule.id).second)
      return fail(ErrorCode::malformed, "policy-rule-twice",
                  rule.place + ": " + printable(rule.id, 60));
    out.rules.push_back(std::move(rule));
  }
  return {};
}

/// "90s", "10m", "1h", "7d"; nothing for another spelling, or beyond the bound.
std::optional<std::chrono::seconds> duration_of(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  std::int64_t unit = 0;
  switch (text.back()) {
    case 's': unit = 1; break;
    case 'm': unit = 60; break;
    case 'h': unit = 3600; break;
    case 'd': unit = 24 * 3600; break;
    default: return std::nullopt;
  }
  text.remove_suffix(1);
  std::int64_t count = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::int64_t most = kUnwitnessedAfterMax.count() / unit;
  if (problem != std::errc{} || stop != text.data() + text.size() || text.front() == '0' ||
      count < 1 || count > most) {
    return std::nullopt;
  }
  return std::chrono::seconds(count * unit);
}

/// [unwitnessed] after = "1h", secrecy = "internal", grade = "general"
Result<std::optional<Unwitnessed>> read_unwitnessed(TomlTable& root) {
  const toml::table* table = root.table("unwitnessed");
  if (table == nullptr) return std::optional<Unwitnessed>();
  TomlTable t(*table, "unwitnessed");
  const std::string after = t.text("after");
  const auto secrecy = flow::parse_secrecy(t.text("secrecy"));
  const auto grade = flow::parse_data_grade(t.text("grade"));
  HANGU_CHECK(t.finish());
  const auto duration = duration_of(after);
  const auto invalid = [&](const std::string& why) {
    return fail(ErrorCode::malformed, "config-value",
                config::place_of(table->source()) + ": unwitnessed." + why);
  };
  if (!duration) return invalid("after: a duration like 90s, 10m, 1h, 7d, at most 30d");
  if (!secrecy) return invalid("secrecy: " + secrecy.error().message());
  if (!grade) return invalid("grade: " + grade.error().message());
  return std::optional(Unwitnessed{.after = *duration, .secrecy = *secrecy, .grade = *grade});
}

}  // namespace

Result<Policy> Policy::parse(std::string_view text, const Catalogue& catalogue) {
  if (text.size() > kPolicyBytesMax) return fail(ErrorCode::exhausted, "policy-too-long");
  HANGU_TRY(const toml::table root, config::parse_toml(text));
  TomlTable t(root, "policy");
  const toml::table* head = t.table("policy");
  if (head == nullptr) return fail(ErrorCode::malformed, "config-value", "[policy] is missing");
  TomlTable h(*head, "policy");
  Policy out;
  out.id = h.text("id");
  out.version = static_cast<std::uint32_t>(h.integer("version", 1, 1'000'000'000, 0));
  const std::string effective = h.date_time("effective");
  const std::string expires = h.date_time("expires");
  const std::string named_catalogue = h.text("catalogue");
  HANGU_CHECK(h.finish());
  HANGU_TRY(out.effective, WallTime::parse(effective));
  HANGU_TRY(out.expires, WallTime::parse(expires));
  const std::string expected = catalogue.id + "@" + std::to_string(catalogue.version);
  if (named_catalogue != expected)
    return fail(ErrorCode::malformed, "config-value",
                config::place_of(head->source()) + ": policy.catalogue must be " + expected);
  if (out.id.empty() || out.version == 0 || out.expires <= out.effective)
    return fail(ErrorCode::malformed, "config-value", "policy.id, version, effective < expires");
  std::set<std::string> ids;
  HANGU_CHECK(read_rules(t, RuleKind::permit, catalogue, out, ids));
  HANGU_CHECK(read_rules(t, RuleKind::forbid, catalogue, out, ids));
  HANGU_TRY(out.unwitnessed, read_unwitnessed(t));
  HANGU_CHECK(t.finish());
  return out;
}

}  // namespace hangu::policy
