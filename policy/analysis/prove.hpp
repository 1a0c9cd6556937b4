#pragma once
// Prove: whether a promise holds, by two methods that share no code: exact search (reach.hpp), and
// z3, which is shown what the search found and checks, permit by permit, that nothing leads out of
// it. Both must say so. docs/protocols/policy.md §9.

#include <string>

#include "policy/analysis/reach.hpp"

namespace hangu::policy {

enum class Answer : std::uint8_t { holds, broken, unknown };
[[nodiscard]] std::string_view to_text(Answer answer);

struct Proof {
  Answer by_search = Answer::unknown;
  Answer by_solver = Answer::unknown;
  std::optional<Breach> breach;  ///< when the search found one
  std::string detail;            ///< why the solver does not know; else empty

  [[nodiscard]] bool holds() const {
    return by_search == Answer::holds && by_solver == Answer::holds;
  }
};

[[nodiscard]] Proof prove(const Promise& promise, const RuleBook& book, const Catalogue& catalogue);

/// The second method alone: whether what the search reached is all that there is, and keeps the
/// promise. Broken: it is not, or does not. Unknown: z3 gave up, or failed; `detail` says why.
[[nodiscard]] Answer check_by_solver(const Promise& promise, const RuleBook& book,
                                     const Catalogue& catalogue, const Reach& reach,
                                     std::string& detail);

}  // namespace hangu::policy
