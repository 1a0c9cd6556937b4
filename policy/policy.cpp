#include "policy/policy.hpp"

#include <charconv>
#include <set>

#include "policy/rule_reader.hpp"

namespace hangu::policy {
namespace {

using config::TomlTable;
/// Reads [[permit]] or [[forbid]]; an id stands once in a policy.
Done read_rules(TomlTable& root, RuleKind kind, const Catalogue& catalogue, std::vector<Rule>& out,
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
    out.push_back(std::move(rule));
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
  if (named_catalogue != catalogue.name())
    return fail(
        ErrorCode::malformed, "config-value",
        config::place_of(head->source()) + ": policy.catalogue must be " + catalogue.name());
  if (out.id.empty() || out.version == 0 || out.expires <= out.effective)
    return fail(ErrorCode::malformed, "config-value", "policy.id, version, effective < expires");
  std::set<std::string> ids;
  std::vector<Rule> rules;
  HANGU_CHECK(read_rules(t, RuleKind::permit, catalogue, rules, ids));
  HANGU_CHECK(read_rules(t, RuleKind::forbid, catalogue, rules, ids));
  out.book = RuleBook(std::move(rules), catalogue.calendar_days);
  HANGU_TRY(out.unwitnessed, read_unwitnessed(t));
  HANGU_CHECK(t.finish());
  return out;
}

}  // namespace hangu::policy
