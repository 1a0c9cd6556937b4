#pragma once
// Mutation: whether a policy's tests would notice if a rule were otherwise. Each rule is left out,
// each of its columns is left out (which widens it, unless the column lists all that there is), and
// one approval less is demanded; some test must fail each time. docs/protocols/policy.md §6.

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
  std::size_t mutants = 0;
  std::vector<Survivor> survivors;
};

/// Of tests that the policy meets.
[[nodiscard]] MutationScore mutate(const RuleBook& book, const std::vector<TestCase>& tests,
                                   const Catalogue& catalogue);

}  // namespace hangu::policy
