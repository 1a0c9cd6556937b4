#pragma once
// Joint: two policies, each of its own catalogue, told in the names of one, so that they can be
// asked the same. A name is the same when its id is. An area set with another geometry is another
// area set, a calendar with other days another calendar.

#include <vector>

#include "policy/policy.hpp"

namespace hangu::policy {

/// One of the two, in the joint catalogue's names.
struct Side {
  RuleBook book;
  std::vector<Promise> promises;
  std::vector<TestCase> tests;
  std::vector<NameIndex> zones;  ///< its catalogue's, as the joint one's
  std::vector<NameIndex> compartments;
  std::vector<NameIndex> datasets;
};

struct Joint {
  Catalogue catalogue;  ///< names, calendars and ceilings (the later ones); no products
  Side before;
  Side after;
};

/// Errors: Malformed "catalogue-…" or "config-value" (together they have more names than a list
/// holds, or names that look the same).
[[nodiscard]] Result<Joint> joined(const PolicyReading& before, const Catalogue& of_before,
                                   const PolicyReading& after, const Catalogue& of_after);

}  // namespace hangu::policy
