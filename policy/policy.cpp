#include "policy/policy.hpp"

#include <charconv>
#include <map>

#include "policy/promise_reader.hpp"
#include "policy/rule_reader.hpp"
#include "policy/test_case_reader.hpp"

namespace hangu::policy {
namespace {

using config::TomlTable;
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

/// Reads a policy to its end, whatever is wrong in it.
class PolicyReader {
 public:
  PolicyReader(const toml::table& root, const Catalogue& catalogue)
      : catalogue_(catalogue), root_(root, "policy") {}

  PolicyReading read() {
    PolicyReading out;
    read_head(out.policy);
    std::vector<Rule> rules;
    read_tables("permit", [&](const toml::table& table) {
      add(rules, read_rule(RuleKind::permit, table, catalogue_, problems_));
    });
    read_tables("forbid", [&](const toml::table& table) {
      add(rules, read_rule(RuleKind::forbid, table, catalogue_, problems_));
    });
    read_tables("never", [&](const toml::table& table) {
      add(out.promises, read_promise(table, catalogue_, problems_));
    });
    read_tables("test", [&](const toml::table& table) {
      add(out.tests, read_test_case(table, catalogue_, problems_));
    });
    if (out.promises.size() > kPromisesMax)
      problems_.emplace_back(ErrorCode::exhausted, "policy-too-many-rules",
                             "[[never]]; at most " + std::to_string(kPromisesMax));
    if (rules.size() > kRulesMax) {
      problems_.emplace_back(
          ErrorCode::exhausted, "policy-too-many-rules",
          std::to_string(rules.size()) + "; at most " + std::to_string(kRulesMax));
      rules.clear();
    }
    out.policy.book = RuleBook(std::move(rules), catalogue_.calendar_days);
    read_unwitnessed(out.policy);
    read_posture(out.policy);
    take(root_);
    out.problems = std::move(problems_);
    return out;
  }

 private:
  /// What a table says of itself when it has been read.
  void take(TomlTable& table) {
    if (table.finish()) return;
    problems_.insert(problems_.end(), table.errors().begin(), table.errors().end());
  }

  void read_head(Policy& out) {
    const toml::table* table = root_.table("policy");
    if (table == nullptr) return root_.note("config-value", root_.source(), "[policy] is missing");
    TomlTable t(*table, "policy");
    out.id = read_rule_id(t);
    out.version = static_cast<std::uint32_t>(t.integer("version", 1, 1'000'000'000, 0));
    const auto effective = read_time(t, "effective");
    const auto expires = read_time(t, "expires");
    out.parent = t.text("parent", "");
    const std::string named = t.text("catalogue");
    if (named != catalogue_.name())
      t.note("config-value", *table, "policy.catalogue must be " + catalogue_.name());
    if (out.version == 0) t.note("config-value", *table, "policy.version is missing");
    if (effective && expires && *expires <= *effective)
      t.note("config-value", *table, "policy.expires is not after policy.effective");
    out.effective = effective.value_or(WallTime());
    out.expires = expires.value_or(WallTime());
    take(t);
  }

  template <class Read>
  void read_tables(std::string_view key, Read read) {
    const toml::array* items = root_.array(key);
    if (items == nullptr) return;
    for (const toml::node& item : *items) {
      if (const toml::table* table = item.as_table())
        read(*table);
      else
        root_.note("config-value", item, "[[" + std::string(key) + "]] is a table");
    }
  }

  /// An id stands once in a policy.
  template <class T>
  void add(std::vector<T>& list, std::optional<T> one) {
    if (!one) return;
    const auto [first, fresh] = ids_.emplace(one->id, one->place);
    if (!fresh)
      problems_.emplace_back(
          ErrorCode::malformed, "policy-rule-twice",
          one->place + ": id " + printable(one->id, 60) + " is that of " + first->second);
    list.push_back(*std::move(one));
  }

  /// [unwitnessed] after = "1h", secrecy = "internal", grade = "general"
  void read_unwitnessed(Policy& out) {
    const toml::table* table = root_.table("unwitnessed");
    if (table == nullptr) return;
    TomlTable t(*table, "unwitnessed");
    const auto duration = duration_of(t.text("after"));
    const auto secrecy = read_secrecy(t, "secrecy");
    const auto grade = read_grade(t, "grade");
    if (!duration)
      t.note("config-value", *table, "unwitnessed.after: like 90s, 10m, 1h, 7d, at most 30d");
    if (duration && secrecy && grade)
      out.unwitnessed = Unwitnessed{.after = *duration, .secrecy = *secrecy, .grade = *grade};
    take(t);
  }

  std::optional<Posture> read_tighter(TomlTable& t, std::string_view key) {
    const Result<Posture> posture = parse_posture(t.text(key));
    if (posture && *posture != Posture::normal) return *posture;
    t.note("config-value", t.source(), std::string(key) + ": import-only or stop");
    return std::nullopt;
  }

  /// [posture] unwitnessed = { after = "1h", posture = "import-only" }, alarm = "stop"
  void read_posture(Policy& out) {
    const toml::table* table = root_.table("posture");
    if (table == nullptr) return;
    TomlTable t(*table, "posture");
    if (t.has("alarm")) out.posture.alarm = read_tighter(t, "alarm").value_or(Posture::stop);
    t.inner("unwitnessed", [&](TomlTable& inner) {
      out.posture.unwitnessed_after = duration_of(inner.text("after"));
      if (!out.posture.unwitnessed_after)
        inner.note("config-value", inner.source(), "after: like 90s, 10m, 1h, 7d, at most 30d");
      out.posture.unwitnessed = read_tighter(inner, "posture").value_or(Posture::stop);
    });
    take(t);
  }

  const Catalogue& catalogue_;
  TomlTable root_;
  std::vector<Error> problems_;
  std::map<std::string, std::string> ids_;  ///< and their places
};

}  // namespace

Result<PolicyReading> read_policy(std::string_view text, const Catalogue& catalogue) {
  if (text.size() > kPolicyBytesMax) return fail(ErrorCode::exhausted, "policy-too-long");
  HANGU_TRY(const toml::table root, config::parse_toml(text));
  return PolicyReader(root, catalogue).read();
}

Result<Policy> Policy::parse(std::string_view text, const Catalogue& catalogue) {
  HANGU_TRY(PolicyReading reading, read_policy(text, catalogue));
  if (!reading.problems.empty()) return std::unexpected(reading.problems.front());
  return std::move(reading.policy);
}

}  // namespace hangu::policy
