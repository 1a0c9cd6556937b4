#pragma once
// Lint: what an officer should look at in a policy that can be read. docs/protocols/policy.md §7.

#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace hangu::policy {

enum class Severity : std::uint8_t {
  error,    ///< it must not count like this
  warning,  ///< a rule does not do what it seems to
  notice,   ///< as meant, perhaps
};

/// Codes: "policy-expired", "test-failed", "test-rule-unknown" (errors), "policy-expiring",
/// "rule-under-forbid", "rule-redundant", "rule-forbids-all", "calendar-year" (warnings),
/// "policy-permits-nothing", "policy-promises-nothing", "policy-later", "rule-over-ceiling",
/// "rule-every-dataset", "rules-overlap", "rule-untested" (notices).
struct Finding {
  Severity severity = Severity::notice;
  std::string code;
  std::string rule;   ///< its id; empty: of the whole policy
  std::string place;  ///< "line 12:1"; empty with the rule
  std::string zh;
  std::string en;
};

/// What cannot be read, as a finding: an error of read_policy() says its place first.
[[nodiscard]] Finding finding_of(const Error& error);

inline constexpr std::chrono::days kExpiringSoon{30};
inline constexpr std::size_t kOverlapsTold = 20;  ///< of all that there are

/// In the order of the file, each rule's together; those of the whole policy first.
[[nodiscard]] std::vector<Finding> lint(const PolicyReading& reading, const Catalogue& catalogue,
                                        WallTime now);

}  // namespace hangu::policy
