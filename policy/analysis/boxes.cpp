#include "policy/analysis/boxes.hpp"

#include <algorithm>

namespace hangu::policy {
namespace {

constexpr ScaleRange kEveryScale{};

bool each_inside(const std::vector<Area>& inner, const std::vector<Area>& outer) {
  return std::ranges::all_of(inner, [&](const Area& area) {
    return std::ranges::any_of(outer, [&](const Area& one) { return area.is_inside(one); });
  });
}

bool any_touch(const std::vector<Area>& some, const std::vector<Area>& others) {
  return std::ranges::any_of(some, [&](const Area& area) {
    return std::ranges::any_of(others, [&](const Area& one) { return area.touches(one); });
  });
}

bool is_inside(const ScaleRange& inner, const ScaleRange& outer) {
  return outer.finest <= inner.finest && inner.coarsest <= outer.coarsest;
}

bool is_inside(const When& inner, const When& outer) {
  if (inner.calendar != outer.calendar) return false;
  if (outer.hours.empty()) return true;
  const std::vector<Hours> whole{Hours{}};
  return std::ranges::all_of(inner.hours.empty() ? whole : inner.hours, [&](const Hours& part) {
    return std::ranges::any_of(
        outer.hours, [&](const Hours& one) { return one.from <= part.from && part.to <= one.to; });
  });
}

/// For a column that a request always knows, and of which a permit and a forbid take the same: an
/// absent one is any.
bool within(const std::optional<NameSet>& inner, const std::optional<NameSet>& outer) {
  return !outer || (inner && outer->contains_all(*inner));
}

/// For a column that a request may not know. A permit that names one holds only what is known; what
/// it does not name, it holds whatever that is. A forbid touches what is not known.
template <class T, class Inside>
bool held_within(const std::optional<T>& inner, const std::optional<T>& outer, Inside inside) {
  return !outer || (inner && inside(*inner, *outer));
}

/// What both name; an absent one names all.
std::optional<NameSet> shared(const std::optional<NameSet>& one,
                              const std::optional<NameSet>& other) {
  if (!one || !other) return one ? one : other;
  NameSet out;
  for (const NameIndex name : *one)
    if (other->contains(name)) out.insert(name);
  return out;
}

template <class Grade>
std::optional<Grade> lower(const std::optional<Grade>& one, const std::optional<Grade>& other) {
  if (!one || !other) return one ? one : other;
  return std::min(*one, *other);
}

/// Of two prefixes that touch the narrower lies in both.
std::optional<std::vector<Area>> shared(const std::optional<std::vector<Area>>& one,
                                        const std::optional<std::vector<Area>>& other) {
  if (!one || !other) return one ? one : other;
  std::vector<Area> out;
  for (const Area& area : *one)
    for (const Area& with : *other)
      if (area.touches(with)) out.push_back(area.is_inside(with) ? area : with);
  return out;
}

std::optional<ScaleRange> shared(const std::optional<ScaleRange>& one,
                                 const std::optional<ScaleRange>& other) {
  if (!one || !other) return one ? one : other;
  return ScaleRange{.finest = std::max(one->finest, other->finest),
                    .coarsest = std::min(one->coarsest, other->coarsest)};
}

bool overlap(const std::optional<NameSet>& one, const std::optional<NameSet>& other) {
  return !one || !other || one->touches(*other);
}

}  // namespace

bool permit_within(const Box& inner, const Box& outer) {
  // Roles and area sets: one of the listed is enough, so fewer are narrower, as everywhere else.
  return within(inner.from, outer.from) && within(inner.to, outer.to) &&
         within(inner.dataset, outer.dataset) &&
         (!outer.secrecy || (inner.secrecy && *inner.secrecy <= *outer.secrecy)) &&
         (!outer.grade || (inner.grade && *inner.grade <= *outer.grade)) &&
         within(inner.within, outer.within) && held_within(inner.areas, outer.areas, each_inside) &&
         within(inner.area_sets, outer.area_sets) &&
         held_within(inner.scale, outer.scale,
                     [](const auto& a, const auto& b) { return is_inside(a, b); }) &&
         held_within(inner.when, outer.when,
                     [](const auto& a, const auto& b) { return is_inside(a, b); }) &&
         within(inner.node_levels, outer.node_levels) && within(inner.roles, outer.roles);
}

bool permit_under(const Box& permit, const Box& forbid) {
  // A permit may hold a request of the lowest label without any compartment.
  const bool labels = (!forbid.secrecy || *forbid.secrecy == flow::Secrecy::open) &&
                      (!forbid.grade || *forbid.grade == flow::DataGrade::general) &&
                      !forbid.within;
  const bool scales = !forbid.scale || is_inside(permit.scale.value_or(kEveryScale), *forbid.scale);
  return labels && scales && within(permit.from, forbid.from) && within(permit.to, forbid.to) &&
         within(permit.dataset, forbid.dataset) &&
         held_within(permit.areas, forbid.areas, each_inside) &&
         within(permit.area_sets, forbid.area_sets) &&
         held_within(permit.when, forbid.when,
                     [](const auto& a, const auto& b) { return is_inside(a, b); }) &&
         within(permit.node_levels, forbid.node_levels) && within(permit.roles, forbid.roles);
}

bool forbid_within(const Box& inner, const Box& outer) {
  const bool scales = !outer.scale || is_inside(inner.scale.value_or(kEveryScale), *outer.scale);
  return within(inner.from, outer.from) && within(inner.to, outer.to) &&
         within(inner.dataset, outer.dataset) &&
         (!outer.secrecy || *outer.secrecy == flow::Secrecy::open ||
          (inner.secrecy && *inner.secrecy >= *outer.secrecy)) &&
         (!outer.grade || *outer.grade == flow::DataGrade::general ||
          (inner.grade && *inner.grade >= *outer.grade)) &&
         within(inner.within, outer.within) && held_within(inner.areas, outer.areas, each_inside) &&
         within(inner.area_sets, outer.area_sets) && scales &&
         held_within(inner.when, outer.when,
                     [](const auto& a, const auto& b) { return is_inside(a, b); }) &&
         within(inner.node_levels, outer.node_levels) && within(inner.roles, outer.roles);
}

bool both_within(const Box& one, const Box& other, const Box& outer) {
  // A box has one time, one list of roles and one of area sets: of two, whichever lies within.
  const auto better = [](const auto& a, const auto& b, bool a_within) { return a_within ? a : b; };
  const bool time_within = held_within(
      one.when, outer.when, [](const auto& a, const auto& b) { return is_inside(a, b); });
  const Box both{
      .from = shared(one.from, other.from),
      .to = shared(one.to, other.to),
      .dataset = shared(one.dataset, other.dataset),
      .secrecy = lower(one.secrecy, other.secrecy),
      .grade = lower(one.grade, other.grade),
      .within = shared(one.within, other.within),
      .areas = shared(one.areas, other.areas),
      .area_sets = better(one.area_sets, other.area_sets, within(one.area_sets, outer.area_sets)),
      .scale = shared(one.scale, other.scale),
      .when = better(one.when, other.when, time_within),
      .node_levels = shared(one.node_levels, other.node_levels),
      .roles = better(one.roles, other.roles, within(one.roles, outer.roles))};
  return permit_within(both, outer);
}

bool permits_overlap(const Box& one, const Box& other) {
  // Labels always overlap at the lowest, compartments at none, roles and area sets in one request
  // that has both; times are not compared.
  return overlap(one.from, other.from) && overlap(one.to, other.to) &&
         overlap(one.dataset, other.dataset) &&
         (!one.areas || !other.areas || any_touch(*one.areas, *other.areas)) &&
         (!one.scale || !other.scale ||
          std::max(one.scale->finest, other.scale->finest) <=
              std::min(one.scale->coarsest, other.scale->coarsest)) &&
         overlap(one.node_levels, other.node_levels);
}

}  // namespace hangu::policy
