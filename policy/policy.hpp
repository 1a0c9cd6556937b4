#pragma once
// Policy: the officer's rules. A rule is a closed box over typed columns, plus obligations; no
// order, no priority, no free expressions. docs/protocols/policy.md.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "flow/decision.hpp"
#include "policy/catalogue.hpp"

namespace hangu::policy {

inline constexpr std::size_t kRulesMax = 10'000;

enum class RuleKind : std::uint8_t { permit, forbid };

/// Rule: an absent column matches anything. All names are catalogue ids.
struct Rule {
  RuleKind kind = RuleKind::permit;
  std::string id;
  std::string title;
  std::string place;  ///< "line 12:1" in the policy file
  std::optional<std::set<std::string>> from;
  std::optional<std::set<std::string>> to;
  std::optional<std::set<std::string>> dataset;
  /// Permit: at most these. Forbid: at least these.
  std::optional<flow::Secrecy> secrecy;
  std::optional<flow::DataGrade> grade;
  std::optional<std::set<std::string>> within;  ///< permit: all compartments inside; forbid: any
  std::optional<std::set<std::string>> area;    ///< GB/T 2260 prefixes
  std::optional<std::int64_t> finest;           ///< permit: scale denominator >= this; forbid: <
  flow::Obligations obligations;                ///< permits only
};

/// What still flows when no quorum of witnesses has seen the audit log for longer than `after`.
struct Unwitnessed {
  std::chrono::seconds after{0};  ///< 1 s .. kUnwitnessedAfterMax
  flow::Secrecy secrecy = flow::Secrecy::open;
  flow::DataGrade grade = flow::DataGrade::general;
};
inline constexpr std::chrono::seconds kUnwitnessedAfterMax{30 * 24 * 3600};

struct Policy {
  std::string id;
  std::uint32_t version = 0;
  WallTime effective;
  WallTime expires;
  std::vector<Rule> rules;
  std::optional<Unwitnessed> unwitnessed;  ///< absent: nothing waits for witnesses

  /// Reads the TOML form; every name must stand in `catalogue`.
  /// Errors: Malformed "config-…" and "policy-name-unknown" (with the nearest known name),
  /// "policy-rule-twice", "policy-column-missing", each with line:column.
  [[nodiscard]] static Result<Policy> parse(std::string_view text, const Catalogue& catalogue);
  /// "<id>@<version>"
  [[nodiscard]] std::string name() const { return id + "@" + std::to_string(version); }
};

}  // namespace hangu::policy
