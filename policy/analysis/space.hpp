#pragma once
// Space: what requests can be, cut by the rules of two policies, so that boxes become shapes over
// atoms and regions become examples and words again.

#include <string>

#include "policy/analysis/axes.hpp"
#include "policy/analysis/sentence.hpp"

namespace hangu::policy {

class Space {
 public:
  /// All rules are of `catalogue`. Nothing when a bound of the axes is met.
  [[nodiscard]] static std::optional<Space> cut(const std::vector<Rule>& before,
                                                const std::vector<Rule>& after,
                                                const Catalogue& catalogue,
                                                std::span<const Period> periods);

  /// How many 64s of atoms there are, at least 1.
  [[nodiscard]] std::size_t weight() const;
  [[nodiscard]] Shape shape_of(const Rule& rule) const;
  [[nodiscard]] Region everything() const;
  /// One request of a region that is not empty, with as few names as it takes. What it may not know
  /// is known where it can be; or, as `least`, only where it must be.
  enum class Known : std::uint8_t { all, least };
  [[nodiscard]] Request example_of(const Region& region, Known known = Known::all) const;
  [[nodiscard]] bool holds(const Region& region, const Request& request) const;
  /// What a region says of each column in which it is not everything, "; " between them.
  [[nodiscard]] std::string words_of(const Region& region, const Catalogue& catalogue,
                                     Tongue tongue) const;

 private:
  Space(NameAxis from, NameAxis to, NameAxis datasets, NameAxis compartments, NameAxis area_sets,
        NameAxis node_levels, NameAxis roles, AreaAxis areas, ScaleAxis scales, TimeAxis times);
  [[nodiscard]] std::size_t atoms_in(Column column) const;
  [[nodiscard]] Atoms area_set_atoms(const NameSet& sets, bool touched) const;
  [[nodiscard]] bool holds(Column column, const Extent& extent, const Request& request) const;

  NameAxis from_;
  NameAxis to_;
  NameAxis datasets_;
  NameAxis compartments_;
  NameAxis area_sets_;  ///< each twice: that data lies inside it, and that it touches it
  NameAxis node_levels_;
  NameAxis roles_;
  AreaAxis areas_;
  ScaleAxis scales_;
  TimeAxis times_;
};

}  // namespace hangu::policy
