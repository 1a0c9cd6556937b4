#include "policy/obligations.hpp"

#include "base/limits.hpp"

namespace hangu::policy {
namespace {

void lower(std::optional<std::uint64_t>& bound, const std::optional<std::uint64_t>& other) {
  if (other && (!bound || *other < *bound)) bound = other;
}

}  // namespace

void Obligations::join(const Obligations& other) {
  declassifiers.merge(other.declassifiers);
  packs.merge(other.packs);
  approver_roles.merge(other.approver_roles);
  // Each role is filled by a human of its own, so there are no fewer approvals than roles.
  approvals =
      std::max({approvals, other.approvals, static_cast<std::uint32_t>(approver_roles.size())});
  distinct_organisations = distinct_organisations || other.distinct_organisations;
  lower(limits.bytes, other.limits.bytes);
  lower(limits.objects, other.limits.objects);
  lower(limits.per_day, other.limits.per_day);
  lower(limits.contiguous_km2, other.limits.contiguous_km2);
  carriers &= other.carriers;
  watermark = watermark || other.watermark;
  notify.merge(other.notify);
}

std::optional<std::string_view> refusal_of(const Obligations& o) {
  if ((o.carriers & static_cast<std::uint8_t>(Carrier::online)) == 0) return "carrier-refused";
  if (!o.declassifiers.empty()) return "declassifier-missing";
  if (!o.packs.empty() || o.distinct_organisations || o.watermark || !o.notify.empty() ||
      o.approvals > kApprovalsMax)
    return "obligation-unavailable";
  return std::nullopt;
}

bool demands_all_of(const Obligations& obligations, const Obligations& other) {
  Obligations joined = obligations;
  joined.join(other);
  return joined == obligations;
}

}  // namespace hangu::policy
