#pragma once
// Policy: the officer's rules, for a time. docs/protocols/policy.md.

#include <optional>
#include <string>

#include "policy/catalogue.hpp"
#include "policy/posture.hpp"
#include "policy/promise.hpp"
#include "policy/rule_book.hpp"
#include "policy/test_case.hpp"

namespace hangu::policy {

inline constexpr std::size_t kRulesMax = 10'000;

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
  std::string parent;  ///< "<id>@<version>" of the higher level's; empty: there is none
  WallTime effective;
  WallTime expires;
  RuleBook book;
  std::optional<Unwitnessed> unwitnessed;  ///< absent: nothing waits for witnesses
  PostureRules posture;                    ///< what trouble makes of it

  /// Reads the TOML form; the first of read_policy()'s problems is the error.
  [[nodiscard]] static Result<Policy> parse(std::string_view text, const Catalogue& catalogue);
  /// "<id>@<version>"
  [[nodiscard]] std::string name() const { return id + "@" + std::to_string(version); }
};

/// What a policy file says, and everything that is wrong in it.
struct PolicyReading {
  Policy policy;  ///< without the rules that cannot be read
  std::vector<Promise> promises;
  std::vector<TestCase> tests;
  /// Malformed "config-…", "policy-name-unknown" (with the nearest known name),
  /// "policy-rule-twice", "policy-column-missing", each with line:column; Exhausted
  /// "policy-too-many-rules".
  std::vector<Error> problems;
};

/// Reads the TOML form; every name must stand in `catalogue`.
/// Errors: Malformed "config-syntax"; Exhausted "policy-too-long".
[[nodiscard]] Result<PolicyReading> read_policy(std::string_view text, const Catalogue& catalogue);

}  // namespace hangu::policy
