#include "tests/support/policy_questions.hpp"

namespace hangu::test {
namespace {

std::optional<policy::NameSet> names_of(const Texts& texts, const policy::NameList& list) {
  policy::NameSet out;
  for (const std::string& text : texts) {
    const auto index = list.find(text);
    if (!index) return std::nullopt;
    out.insert(*index);
  }
  return out;
}

Texts texts_of(const policy::NameSet& names, const policy::NameList& list) {
  Texts out;
  for (const policy::NameIndex name : names) out.insert(list[name].id);
  return out;
}

Texts carriers_of(std::uint8_t bits) {
  Texts out;
  if ((bits & static_cast<std::uint8_t>(policy::Carrier::online)) != 0) out.insert("online");
  if ((bits & static_cast<std::uint8_t>(policy::Carrier::one_way)) != 0) out.insert("one-way");
  if ((bits & static_cast<std::uint8_t>(policy::Carrier::media)) != 0) out.insert("media");
  return out;
}

std::map<std::string, long> bounds_of(const policy::Limits& limits) {
  std::map<std::string, long> out;
  if (limits.bytes) out["size_mb"] = static_cast<long>(*limits.bytes / 1'000'000);
  if (limits.objects) out["objects"] = static_cast<long>(*limits.objects);
  if (limits.per_day) out["per_day"] = static_cast<long>(*limits.per_day);
  if (limits.contiguous_km2) out["contiguous_km2"] = static_cast<long>(*limits.contiguous_km2);
  return out;
}

}  // namespace

std::optional<policy::Request> record_of(const PlainRequest& request,
                                         const policy::Catalogue& catalogue) {
  policy::Request out;
  const auto from = catalogue.zones.find(request.from);
  const auto to = catalogue.zones.find(request.to);
  const auto classes = names_of(request.classes, catalogue.datasets);
  const auto compartments = names_of(request.compartments, catalogue.compartments);
  const auto inside = names_of(request.inside, catalogue.area_sets);
  const auto touched = names_of(request.touched, catalogue.area_sets);
  const auto roles = names_of(request.roles, catalogue.roles);
  if (!from || !to || !classes || !compartments || !inside || !touched || !roles)
    return std::nullopt;
  out.from = *from;
  out.to = *to;
  out.classes = *classes;
  out.secrecy = static_cast<flow::Secrecy>(request.secrecy);
  out.grade = static_cast<flow::DataGrade>(request.grade);
  out.compartments = *compartments;
  for (const std::string& text : request.areas) out.areas.push_back(*policy::Area::parse(text));
  if (request.placed) out.placement = {.inside = *inside, .touched = *touched};
  out.scale = request.scale;
  // 5 January 1970, the first Monday, began at 16:00 UTC of the day before where clocks show
  // +08:00.
  if (request.hour) out.at = WallTime(std::chrono::hours(4 * 24 - 8 + *request.hour));
  if (!request.level.empty()) out.node_level = catalogue.node_levels.find(request.level);
  if (request.roles_known) out.roles = *roles;
  return out;
}

bool is_same(const policy::Ruling& ruling, const PlainRuling& plain, const policy::Policy& policy,
             const policy::Catalogue& catalogue) {
  Texts rules;
  for (const std::uint32_t number : ruling.rules) rules.insert(policy.book.rules()[number].id);
  if (ruling.allowed != plain.allowed || rules != plain.rules) return false;
  const policy::Obligations& joined = ruling.obligations;
  return texts_of(joined.declassifiers, catalogue.declassifiers) == plain.joined.declassify &&
         texts_of(joined.packs, catalogue.packs) == plain.joined.packs &&
         texts_of(joined.approver_roles, catalogue.roles) == plain.joined.approver_roles &&
         texts_of(joined.notify, catalogue.roles) == plain.joined.notify &&
         carriers_of(joined.carriers) == plain.joined.carriers &&
         static_cast<int>(joined.approvals) == plain.joined.approvals &&
         joined.distinct_organisations == plain.joined.organisations &&
         joined.watermark == plain.joined.watermark &&
         bounds_of(joined.limits) == plain.joined.limits;
}

}  // namespace hangu::test
