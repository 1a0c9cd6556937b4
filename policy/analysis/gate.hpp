#pragma once
// Gate: everything that must be true of a bundle before it may count, run by who loads it, not by
// who wrote it: reading, lint, tests, proofs, the parent, and what it changes. The signatures are
// looked at before. docs/protocols/policy-release.md §3.

#include <optional>
#include <string>
#include <vector>

#include "policy/analysis/diff.hpp"
#include "policy/analysis/lint.hpp"
#include "policy/bundle.hpp"
#include "policy/policy.hpp"

namespace hangu::policy {

/// What the texts of a bundle say.
struct Candidate {
  std::uint32_t release = 1;
  std::string digest;  ///< of the bundle
  std::string text;    ///< of the policy
  Catalogue catalogue;
  PolicyReading reading;
};

/// Errors: those of Catalogue::parse and read_policy().
[[nodiscard]] Result<Candidate> read_candidate(const Bundle& bundle, std::string_view catalogue);

/// What the candidate is held against.
struct Standards {
  const Candidate* in_force = nullptr;  ///< none: all that it permits is new
  const Candidate* parent = nullptr;    ///< the higher level's, of the same catalogue
  bool parent_demanded = false;         ///< this gateway has a higher level
  std::uint32_t released = 0;           ///< the highest release that this gateway has seen
  std::uint32_t parent_release = 0;     ///< of the parent that is in force; 0: there is none
  std::string parent_digest{};
};

/// A release may not leave out more numbers than this: a slip could use them all up.
inline constexpr std::uint32_t kReleasesSkippedMax = 1000;

struct GateRuling {
  /// Why it may not count: errors of reading and of lint, excesses(), and "release-not-higher",
  /// "release-too-high", "promise-not-proved", "policy-parent-missing", "parent-older" (than the
  /// parent in force), "policy-version-kept" (other content under the name of what is in force),
  /// "witness-undemanded" (it would wait for ever). None: it may, once the right humans have
  /// signed.
  std::vector<Finding> obstacles;
  PolicyDiff changes;        ///< against what is in force; empty while obstacles forbid to say
  std::size_t promises = 0;  ///< proved
  std::size_t tests = 0;     ///< met
  [[nodiscard]] bool passes() const { return obstacles.empty(); }
};

/// Thread: any.
[[nodiscard]] GateRuling examine(const Candidate& candidate, const Standards& standards,
                                 WallTime now);

}  // namespace hangu::policy
