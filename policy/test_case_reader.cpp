#include "policy/test_case_reader.hpp"

#include <algorithm>

#include "policy/rule_reader.hpp"

namespace hangu::policy {
namespace {

using config::TomlTable;

constexpr std::uint64_t kDenominatorMax = 1'000'000'000;
constexpr std::size_t kRulesExpectedMax = 1000;
constexpr std::uint64_t kApprovalsExpectedMax = 1000;

/// The one name of a key that must be there.
NameIndex read_name(TomlTable& t, std::string_view key, const NameList& known) {
  const auto names = read_names(t, key, known);
  if (!names) t.note("config-value", t.source(), "given." + std::string(key) + " is missing");
  if (names && names->size() > 1)
    t.note("config-value", t.source(), "given." + std::string(key) + " is one name");
  return names && !names->empty() ? *names->begin() : NameIndex{0};
}

/// area_set = […], touching = […]: inside those and touching these, and no others; neither is said:
/// not known.
std::optional<Placement> read_placement(TomlTable& t, const Catalogue& catalogue) {
  const auto inside = read_names(t, "area_set", catalogue.area_sets, 0);
  const auto beside = read_names(t, "touching", catalogue.area_sets);
  if (!inside && !beside) return std::nullopt;
  Placement out{.inside = inside.value_or(NameSet{}), .touched = inside.value_or(NameSet{})};
  out.touched.merge(beside.value_or(NameSet{}));
  return out;
}

/// given = { from, to, dataset, secrecy, grade, compartments, area, area_set, touching, scale, at,
/// node_level, role }: the first five must be said (dataset = []: no class is known).
Request read_given(TomlTable& t, const Catalogue& catalogue) {
  Request out;
  out.from = read_name(t, "from", catalogue.zones);
  out.to = read_name(t, "to", catalogue.zones);
  const auto classes = read_names(t, "dataset", catalogue.datasets, 0);
  if (!classes) t.note("config-value", t.source(), "given.dataset is missing");
  out.classes = classes.value_or(NameSet{});
  out.secrecy = read_secrecy(t, "secrecy").value_or(flow::Secrecy::top_secret);
  out.grade = read_grade(t, "grade").value_or(flow::DataGrade::core);
  out.compartments = read_names(t, "compartments", catalogue.compartments).value_or(NameSet{});
  out.areas = read_areas(t, "area").value_or(std::vector<Area>{});
  out.placement = read_placement(t, catalogue);
  if (t.has("scale"))
    out.scale = static_cast<std::int64_t>(t.integer("scale", 1, kDenominatorMax, 1));
  if (t.has("at")) out.at = read_time(t, "at");
  if (t.has("node_level")) out.node_level = read_name(t, "node_level", catalogue.node_levels);
  out.roles = read_names(t, "role", catalogue.roles, 0);
  return out;
}

/// expect = { outcome = "permit" | "deny", rules = […], approvals = n, require = { … } }
Expectation read_expect(TomlTable& t, const Catalogue& catalogue) {
  Expectation out;
  const std::string outcome = t.text("outcome");
  if (outcome != "permit" && outcome != "deny")
    t.note("config-value", t.source(), "expect.outcome: permit or deny");
  out.allowed = outcome == "permit";
  if (const auto rules = t.texts("rules", kRulesExpectedMax, 0)) {
    out.rules.emplace();
    for (const auto& [text, node] : *rules) out.rules->push_back(text);
    std::ranges::sort(*out.rules);
  }
  if (t.has("approvals") && !out.allowed)
    t.note("config-value", t.source(), "expect.approvals: a refusal demands none");
  if (t.has("require") && !out.allowed)
    t.note("config-value", t.source(), "expect.require: a refusal demands nothing");
  t.inner("require", [&](TomlTable& p) { out.require = read_obligations(p, catalogue, 0); });
  if (t.has("approvals"))
    out.approvals = static_cast<std::uint32_t>(t.integer("approvals", 0, kApprovalsExpectedMax, 0));
  return out;
}

}  // namespace

std::optional<TestCase> read_test_case(const toml::table& table, const Catalogue& catalogue,
                                       std::vector<Error>& problems) {
  TomlTable t(table, "test");
  TestCase out;
  out.place = config::place_of(table.source());
  out.id = read_rule_id(t);
  if (!t.inner("given", [&](TomlTable& p) { out.given = read_given(p, catalogue); }))
    t.note("config-value", table, "test.given is missing");
  if (!t.inner("expect", [&](TomlTable& p) { out.expect = read_expect(p, catalogue); }))
    t.note("config-value", table, "test.expect is missing");
  if (t.finish()) return out;
  problems.insert(problems.end(), t.errors().begin(), t.errors().end());
  return std::nullopt;
}

}  // namespace hangu::policy
