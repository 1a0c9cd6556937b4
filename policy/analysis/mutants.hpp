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

/// Of one rule, what lets more through: it is left out; each of its columns is left out (but one
/// that lists all); each of its demands is weakened by one step; each column of a permit is one
/// step wider, and of a forbid one step narrower. One that no request could show is among them.
[[nodiscard]] std::vector<Mutant> mutants_of(const RuleBook& book, std::uint32_t number,
                                             const Catalogue& catalogue);

/// The ends of one rule, moved by one step in and out: label limits, compartments, area prefixes,
/// scales and hours.
[[nodiscard]] std::vector<Mutant> boundaries_of(const RuleBook& book, std::uint32_t number,
                                                const Catalogue& catalogue);

}  // namespace hangu::policy
