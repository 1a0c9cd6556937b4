#include "policy/analysis/approvers.hpp"

#include <algorithm>

#include "policy/analysis/boxes.hpp"

namespace hangu::policy {
namespace {

ApprovalDemand demand_of(const Rule& rule) {
  return {rule.obligations.approver_roles, rule.obligations.approvals};
}

}  // namespace

bool meets(std::span<const ApprovalDemand> by, const ApprovalDemand& demand) {
  if (demand.count == 0) return true;
  const std::vector<NameSet> slots = slots_of(by);
  const auto has_own = [&](NameIndex role) {
    return std::ranges::find(slots, NameSet{role}) != slots.end();
  };
  return std::ranges::all_of(demand.roles, has_own) &&
         std::ranges::count_if(slots, [&](const NameSet& slot) { return serves(slot, demand); }) >=
             static_cast<std::ptrdiff_t>(demand.count);
}

std::vector<ApprovalDemand> demands_where(const RuleBook& book, const Rule& rule, const Box& box) {
  std::vector<ApprovalDemand> out{demand_of(rule)};
  for (const Rule& beside : book.rules())
    if (beside.kind == RuleKind::permit && both_within(rule.box, box, beside.box))
      out.push_back(demand_of(beside));
  return out;
}

}  // namespace hangu::policy
