#include "policy/analysis/demand.hpp"

#include <array>
#include <optional>

namespace hangu::policy {
namespace {

constexpr std::array kCarriers{Carrier::online, Carrier::one_way, Carrier::media};

bool is_at_most(const std::optional<std::uint64_t>& bound, std::uint64_t value) {
  return bound && *bound <= value;
}

NameIndex name_of(const Demand& demand) { return static_cast<NameIndex>(demand.value); }

}  // namespace

std::string_view key_of(DemandKind kind) {
  switch (kind) {
    case DemandKind::declassify: return "declassify";
    case DemandKind::desensitise: return "desensitise";
    case DemandKind::approvals: return "approve.count";
    case DemandKind::approver_role: return "approve.roles";
    case DemandKind::distinct_organisations: return "approve.distinct_organisations";
    case DemandKind::size: return "limit.size_mb";
    case DemandKind::objects: return "limit.objects";
    case DemandKind::per_day: return "limit.per_day";
    case DemandKind::contiguous_km2: return "limit.contiguous_km2";
    case DemandKind::carrier: return "carrier";
    case DemandKind::watermark: return "watermark";
    case DemandKind::notify: return "notify";
  }
  return "";
}

std::vector<Demand> demands_in(const Obligations& o) {
  std::vector<Demand> out;
  const auto each = [&](DemandKind kind, const NameSet& names) {
    for (const NameIndex name : names) out.push_back({kind, name});
  };
  const auto bound = [&](DemandKind kind, const std::optional<std::uint64_t>& value) {
    if (value) out.push_back({kind, *value});
  };
  each(DemandKind::declassify, o.declassifiers);
  each(DemandKind::desensitise, o.packs);
  if (o.approvals > 0) out.push_back({DemandKind::approvals, o.approvals});
  each(DemandKind::approver_role, o.approver_roles);
  if (o.distinct_organisations) out.push_back({DemandKind::distinct_organisations, 0});
  bound(DemandKind::size, o.limits.bytes);
  bound(DemandKind::objects, o.limits.objects);
  bound(DemandKind::per_day, o.limits.per_day);
  bound(DemandKind::contiguous_km2, o.limits.contiguous_km2);
  for (const Carrier carrier : kCarriers)
    if ((o.carriers & static_cast<std::uint8_t>(carrier)) == 0)
      out.push_back({DemandKind::carrier, static_cast<std::uint8_t>(carrier)});
  if (o.watermark) out.push_back({DemandKind::watermark, 0});
  each(DemandKind::notify, o.notify);
  return out;
}

Obligations obligations_of(const Demand& demand) {
  const NameIndex name = name_of(demand);
  Obligations out;
  switch (demand.kind) {
    case DemandKind::declassify: out.declassifiers.insert(name); break;
    case DemandKind::desensitise: out.packs.insert(name); break;
    case DemandKind::approvals: out.approvals = static_cast<std::uint32_t>(demand.value); break;
    case DemandKind::approver_role:
      out.approver_roles.insert(name);
      out.approvals = 1;
      break;
    case DemandKind::distinct_organisations:
      out.distinct_organisations = true;
      out.approvals = 1;  // else no words would be of it
      break;
    case DemandKind::size: out.limits.bytes = demand.value; break;
    case DemandKind::objects: out.limits.objects = demand.value; break;
    case DemandKind::per_day: out.limits.per_day = demand.value; break;
    case DemandKind::contiguous_km2: out.limits.contiguous_km2 = demand.value; break;
    case DemandKind::carrier:
      out.carriers = static_cast<std::uint8_t>(kAnyCarrier & ~demand.value);
      break;
    case DemandKind::watermark: out.watermark = true; break;
    case DemandKind::notify: out.notify.insert(name); break;
  }
  return out;
}

bool demands(const Obligations& o, const Demand& demand) {
  switch (demand.kind) {
    case DemandKind::declassify: return o.declassifiers.contains(name_of(demand));
    case DemandKind::desensitise: return o.packs.contains(name_of(demand));
    case DemandKind::approvals: return o.approvals >= demand.value;
    case DemandKind::approver_role: return o.approver_roles.contains(name_of(demand));
    case DemandKind::distinct_organisations: return o.distinct_organisations;
    case DemandKind::size: return is_at_most(o.limits.bytes, demand.value);
    case DemandKind::objects: return is_at_most(o.limits.objects, demand.value);
    case DemandKind::per_day: return is_at_most(o.limits.per_day, demand.value);
    case DemandKind::contiguous_km2: return is_at_most(o.limits.contiguous_km2, demand.value);
    case DemandKind::carrier: return (o.carriers & demand.value) == 0;
    case DemandKind::watermark: return o.watermark;
    case DemandKind::notify: return o.notify.contains(name_of(demand));
  }
  return false;
}

}  // namespace hangu::policy
