#pragma once
// Mutants: a policy with one rule otherwise, of which its tests should tell.
// docs/protocols/policy.md §6.

#include <optional>
#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace hangu::policy {

struct Mutant {
  std::uint32_t rule = 0;       ///< its number in the rule book
  std::optional<Rule> changed;  ///< absent: left out
  std::string zh;               ///< what is otherwise
  std::string en;
};

/// What lets more through: each rule left out; each of its columns left out (but one that lists
/// all); each of its demands weakened by one step; each column of a permit one step wider, and of a
/// forbid one step narrower. One that no request could show is among them.
[[nodiscard]] std::vector<Mutant> mutants_of(const RuleBook& book, const Catalogue& catalogue);

/// The ends of each rule, moved by one step in and out: label limits, compartments, area prefixes,
/// scales and hours.
[[nodiscard]] std::vector<Mutant> boundaries_of(const RuleBook& book, const Catalogue& catalogue);

}  // namespace hangu::policy
