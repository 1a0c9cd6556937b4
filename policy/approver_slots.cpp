#include "policy/approver_slots.hpp"

#include <algorithm>

namespace hangu::policy {
namespace {

/// Smaller sets first: what fills their slots counts for the larger ones that hold them.
bool before(const ApprovalDemand& one, const ApprovalDemand& other) {
  if (one.roles.empty() != other.roles.empty()) return other.roles.empty();
  if (one.roles.size() != other.roles.size()) return one.roles.size() < other.roles.size();
  if (!std::ranges::equal(one.roles, other.roles))
    return std::ranges::lexicographical_compare(one.roles, other.roles);
  return one.count < other.count;
}

std::string text_of(const NameSet& slot, const NameList& roles) {
  std::string out;
  for (const NameIndex role : slot) out += (out.empty() ? "" : "|") + roles[role].id;
  return out;
}

}  // namespace

bool serves(const NameSet& slot, const ApprovalDemand& demand) {
  return demand.roles.empty() || (!slot.empty() && demand.roles.contains_all(slot));
}

std::vector<NameSet> slots_of(std::span<const ApprovalDemand> demands) {
  NameSet named;
  for (const ApprovalDemand& demand : demands) named.merge(demand.roles);
  std::vector<NameSet> slots;
  for (const NameIndex role : named) slots.push_back({role});
  std::vector<ApprovalDemand> in_order(demands.begin(), demands.end());
  std::ranges::sort(in_order, before);
  for (const ApprovalDemand& demand : in_order) {
    const auto serving = [&](const NameSet& slot) { return serves(slot, demand); };
    for (auto have = std::ranges::count_if(slots, serving); have < demand.count; ++have)
      slots.push_back(demand.roles);
  }
  return slots;
}

std::vector<std::string> approver_slots(std::span<const ApprovalDemand> demands,
                                        const NameList& roles) {
  std::vector<std::string> out;
  for (const NameSet& slot : slots_of(demands)) out.push_back(text_of(slot, roles));
  std::ranges::sort(out);
  return out;
}

std::vector<ApprovalDemand> demands_of(const RuleBook& book,
                                       std::span<const std::uint32_t> permits) {
  std::vector<ApprovalDemand> out;
  for (const std::uint32_t number : permits) {
    const Obligations& demanded = book.rules()[number].obligations;
    if (demanded.approvals > 0) out.push_back({demanded.approver_roles, demanded.approvals});
  }
  return out;
}

}  // namespace hangu::policy
