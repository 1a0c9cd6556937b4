#pragma once
// What was found between two policies' rules, in sentences; for diff_*.cpp only.

#include "policy/analysis/diff_found.hpp"
#include "policy/analysis/sentence.hpp"

namespace hangu::policy {

/// Borrows all that it is made of.
class DiffWords {
 public:
  DiffWords(const Catalogue& catalogue, const Space& space, const Half& before, const Half& after)
      : catalogue_(catalogue), space_(space), before_(before), after_(after) {}

  /// The request, and what either rule book answers to it.
  [[nodiscard]] Instance instance_of(const Request& request) const;
  /// `regions` are the found ones, merged; `searched`: what is allowed was looked at to its end.
  [[nodiscard]] std::string sentence(const Found& found, const std::vector<Region>& regions,
                                     bool searched, Tongue tongue) const;

 private:
  [[nodiscard]] std::string answer(const Half& half, const Request& request, Tongue tongue) const;
  /// The first regions, and how many more there are.
  [[nodiscard]] std::string regions_text(const std::vector<Region>& regions, bool full,
                                         Tongue tongue) const;
  /// What is not demanded any more (or only now), each once.
  [[nodiscard]] std::string demands_text(const Found& found, Tongue tongue) const;

  const Catalogue& catalogue_;
  const Space& space_;
  const Half& before_;
  const Half& after_;
};

}  // namespace hangu::policy
