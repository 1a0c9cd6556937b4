#pragma once
// Telling: a request that a policy and a mutant of it answer otherwise, or that there is none.

#include <span>

#include "policy/analysis/demand.hpp"
#include "policy/analysis/mutants.hpp"
#include "policy/analysis/space.hpp"
#include "policy/analysis/subtract.hpp"

namespace hangu::policy {

/// What the rules answer with one of them otherwise.
[[nodiscard]] Expectation answer_of(const RuleBook& book, const Mutant& mutant,
                                    const Request& request);

/// What was found of a mutant.
struct Told {
  std::optional<Request> request;
  bool is_none = false;  ///< certainly no request tells; neither: not found within the bounds
};

/// Thread: one.
class Telling {
 public:
  /// Of mutants of `policy` that will be asked about.
  Telling(const Policy& policy, std::span<const Mutant> mutants, const Catalogue& catalogue);
  /// A request for which as few other rules match as can be.
  [[nodiscard]] Told find(const Mutant& mutant);

 private:
  struct Search;
  [[nodiscard]] std::vector<Region> differing(const Mutant& mutant, const Shape& changed) const;
  [[nodiscard]] std::vector<const Shape*> others(const Mutant& mutant, RuleKind kind) const;
  void add_demanding(const Mutant& mutant, const Demand& demand,
                     std::vector<const Shape*>& boxes) const;
  void look(const Mutant& mutant, std::vector<Region> regions,
            const std::vector<const Shape*>& boxes, Search& search);

  const RuleBook& book_;
  std::optional<Space> space_;  ///< absent: a bound was met
  std::vector<Shape> shapes_;   ///< of each rule
  Steps steps_;
};

inline constexpr std::size_t kTellingMutants = 256;  ///< at once, or columns are cut too finely
inline constexpr std::size_t kTellingStepsMax = 10'000'000;  ///< of so many
inline constexpr std::size_t kTellingTriesMax = 64;          ///< requests of one mutant

}  // namespace hangu::policy
