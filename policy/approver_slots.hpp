#pragma once
// Approver slots: who together must approve, so that each permit that matches has what it demands.
// docs/protocols/policy.md §3.

#include <span>
#include <string>
#include <vector>

#include "policy/rule_book.hpp"

namespace hangu::policy {

/// A permit's demand: `count` people who hold one of `roles` (any, where there is none), each role
/// filled by a different human.
struct ApprovalDemand {
  NameSet roles;
  std::uint32_t count = 0;
};

/// One slot a human, each human at most one: a role's id; several with '|' between, any of which
/// will do; empty: any person cleared for the data. Every role that is demanded has a slot, and as
/// many slots as a demand counts are for its roles alone. So people who fill them all have met each
/// demand as if it stood alone. Sorted, whatever the order of the demands.
[[nodiscard]] std::vector<std::string> approver_slots(std::span<const ApprovalDemand> demands,
                                                      const NameList& roles);
/// The same as sets of roles, the empty one for any person.
[[nodiscard]] std::vector<NameSet> slots_of(std::span<const ApprovalDemand> demands);
/// Whether a slot is filled by somebody who counts for the demand.
[[nodiscard]] bool serves(const NameSet& slot, const ApprovalDemand& demand);

/// Of the permits with these numbers.
[[nodiscard]] std::vector<ApprovalDemand> demands_of(const RuleBook& book,
                                                     std::span<const std::uint32_t> permits);

}  // namespace hangu::policy
