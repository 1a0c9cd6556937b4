#pragma once
// The two halves of a diff; for diff.cpp only.

#include "policy/analysis/diff.hpp"
#include "policy/analysis/joint.hpp"
#include "policy/analysis/space.hpp"

namespace hangu::policy {

/// Both policies in full: as they were read, and in joint names.
struct Pair {
  const PolicyReading& before;
  const Catalogue& of_before;
  const PolicyReading& after;
  const Catalogue& of_after;
  const Joint& joint;
};

/// Why what the rules decide otherwise is not told to the end.
struct Bounds {
  bool steps = false;        ///< kDiffStepsMax
  bool changes = false;      ///< kDiffChangesMax
  bool unconfirmed = false;  ///< a rule book answers an example otherwise than was found
};

/// What the rules decide otherwise.
[[nodiscard]] Bounds compare_rules(const Pair& pair, const Space& space,
                                   std::vector<Change>& changes);

/// What guards them: promises, tests, [unwitnessed], the period, the parent, the catalogue.
void compare_guards(const Pair& pair, std::vector<Change>& changes);

}  // namespace hangu::policy
