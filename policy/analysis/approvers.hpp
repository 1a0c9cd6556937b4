#pragma once
// Approvers: whether who must approve is kept, permit by permit. What counts at run time is each
// permit's own demand (approver_slots.hpp), not the highest number and all roles together.

#include "policy/approver_slots.hpp"
#include "policy/policy.hpp"

namespace hangu::policy {

/// Whether whoever meets all of `by` has met `demand`: every role of it has a slot, and as many
/// slots as it counts are for its roles alone. May say no wrongly, never yes.
[[nodiscard]] bool meets(std::span<const ApprovalDemand> by, const ApprovalDemand& demand);

/// What is certainly demanded of approvers wherever both boxes hold a request: by `rule` of `book`,
/// and by its permits that hold all of that.
[[nodiscard]] std::vector<ApprovalDemand> demands_where(const RuleBook& book, const Rule& rule,
                                                        const Box& box);

}  // namespace hangu::policy
