#pragma once
// Contain: whether a lower level's policy only narrows its parent's. What is said to be contained
// is; what is not may only look so, since permits are compared one by one. docs/protocols/policy.md
// §10.

#include <string>
#include <vector>

#include "policy/policy.hpp"

namespace hangu::policy {

/// Where a child goes beyond its parent. Codes: "child-permits-more", "child-demands-less",
/// "child-forbid-missing", "child-promise-missing", "child-unwitnessed", "child-posture",
/// "child-parent", "child-period".
struct Excess {
  std::string code;
  std::string rule;   ///< of the child; of the parent, where the child's is missing
  std::string place;  ///< in that one's file; empty: of the whole policy
  bool in_parent = false;
  std::string zh;
  std::string en;
};

/// Both are of one catalogue. None: the child permits no more, demands no less, and keeps every
/// forbid and promise.
[[nodiscard]] std::vector<Excess> excesses(const PolicyReading& parent, const PolicyReading& child);

}  // namespace hangu::policy
