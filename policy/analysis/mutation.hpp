#pragma once
// Mutation: whether a policy's tests would notice if a rule were otherwise. For each mutant some
// test must fail. What no request shows, such as an end that a forbid covers, is not counted.
// docs/protocols/policy.md §6.

#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace hangu::policy {

/// A changed policy that no test notices.
struct Survivor {
  std::string rule;
  std::string place;
  std::string zh;
  std::string en;
};

struct MutationScore {
  std::size_t mutants = 0;  ///< that some request shows, or may
  std::vector<Survivor> survivors;
  [[nodiscard]] std::size_t noticed() const { return mutants - survivors.size(); }
};

/// Of tests that the policy meets: what lets more through.
[[nodiscard]] MutationScore mutate(const PolicyReading& reading, const Catalogue& catalogue);
/// The ends of rules, moved by one step in and out: whether a test stands on each, and one just
/// beyond it.
[[nodiscard]] MutationScore cover_boundaries(const PolicyReading& reading,
                                             const Catalogue& catalogue);

/// A test that is missing.
struct Suggestion {
  TestCase test;  ///< it expects what the policy answers now
  std::string rule;
  std::string zh;  ///< what it would notice
  std::string en;
};
inline constexpr std::size_t kSuggestionsMax = 500;
/// Unnoticed mutants of which it is looked for whether a request shows them; more count as shown.
inline constexpr std::size_t kExaminedMax = 2048;

/// Tests that notice what the present ones do not, of both kinds: each what those before it leave.
[[nodiscard]] std::vector<Suggestion> suggest(const PolicyReading& reading,
                                              const Catalogue& catalogue);

}  // namespace hangu::policy
