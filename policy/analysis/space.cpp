#include "policy/analysis/space.hpp"

#include <algorithm>

namespace hangu::policy {
namespace {

constexpr std::size_t kSecrecies = static_cast<std::size_t>(flow::Secrecy::top_secret) + 1;
constexpr std::size_t kGrades = static_cast<std::size_t>(flow::DataGrade::core) + 1;

/// A permit takes what is at most the limit, a forbid what is at least.
Atoms grades(std::size_t limit, std::size_t all, RuleKind kind) {
  Atoms out(all);
  for (std::size_t grade = 0; grade < all; ++grade)
    if (kind == RuleKind::permit ? grade <= limit : grade >= limit) out.add(grade);
  return out;
}

/// The fewest atoms, by the first of each, that lie inside and touch what they must.
std::vector<std::size_t> fewest(const Extent& extent, const Axis& axis) {
  std::vector<std::size_t> out;
  for (const Atoms& some : extent.touching) {
    if (std::ranges::any_of(out, [&](std::size_t atom) { return some.has(atom); })) continue;
    Atoms shared = some;
    shared.keep(extent.inside);
    out.push_back(shared.list().front());
  }
  if (out.empty() && !axis.empty_is_known) out.push_back(extent.inside.list().front());
  return out;
}

bool lies_in(const Extent& extent, const Atoms& values) {
  return extent.known && values.is_inside(extent.inside) &&
         std::ranges::all_of(extent.touching,
                             [&](const Atoms& some) { return some.touches(values); });
}

}  // namespace

Space::Space(NameAxis from, NameAxis to, NameAxis datasets, NameAxis compartments,
             NameAxis area_sets, NameAxis node_levels, NameAxis roles, AreaAxis areas,
             ScaleAxis scales, TimeAxis times)
    : from_(std::move(from)),
      to_(std::move(to)),
      datasets_(std::move(datasets)),
      compartments_(std::move(compartments)),
      area_sets_(std::move(area_sets)),
      node_levels_(std::move(node_levels)),
      roles_(std::move(roles)),
      areas_(std::move(areas)),
      scales_(std::move(scales)),
      times_(std::move(times)) {}

std::optional<Space> Space::cut(const std::vector<Rule>& before, const std::vector<Rule>& after,
                                const Catalogue& catalogue, std::span<const Period> periods) {
  std::vector<const Rule*> rules;
  for (const auto* side : {&before, &after})
    for (const Rule& rule : *side) rules.push_back(&rule);
  auto from = NameAxis::cut(rules, &Box::from, catalogue.zones.size());
  auto to = NameAxis::cut(rules, &Box::to, catalogue.zones.size());
  auto datasets = NameAxis::cut(rules, &Box::dataset, catalogue.datasets.size());
  auto compartments = NameAxis::cut(rules, &Box::within, catalogue.compartments.size());
  auto area_sets = NameAxis::cut(rules, &Box::area_sets, catalogue.area_sets.size());
  auto levels = NameAxis::cut(rules, &Box::node_levels, catalogue.node_levels.size());
  auto roles = NameAxis::cut(rules, &Box::roles, catalogue.roles.size());
  auto areas = AreaAxis::cut(rules);
  auto scales = ScaleAxis::cut(rules);
  auto times = TimeAxis::cut(rules, catalogue.calendar_days, periods);
  if (!from || !to || !datasets || !compartments || !area_sets || !levels || !roles || !areas ||
      !scales || !times)
    return std::nullopt;
  return Space(*std::move(from), *std::move(to), *std::move(datasets), *std::move(compartments),
               *std::move(area_sets), *std::move(levels), *std::move(roles), *std::move(areas),
               *std::move(scales), *std::move(times));
}

std::size_t Space::atoms_in(Column column) const {
  switch (column) {
    case Column::from: return from_.size();
    case Column::to: return to_.size();
    case Column::dataset: return datasets_.size();
    case Column::secrecy: return kSecrecies;
    case Column::grade: return kGrades;
    case Column::within: return compartments_.size();
    case Column::area: return areas_.size();
    case Column::area_set: return 2 * area_sets_.size();
    case Column::scale: return scales_.size();
    case Column::when: return times_.size();
    case Column::node_level: return node_levels_.size();
    case Column::role: return roles_.size();
  }
  return 0;
}

std::size_t Space::weight() const {
  std::size_t atoms = 0;
  for (std::size_t i = 0; i < kColumns; ++i) atoms += atoms_in(static_cast<Column>(i));
  return 1 + atoms / 64;
}

Atoms Space::area_set_atoms(const NameSet& sets, bool touched) const {
  // What lies inside touches, too: so "touches" holds both, and "does not touch" neither.
  Atoms out(2 * area_sets_.size());
  for (const std::size_t atom : area_sets_.atoms_of(sets).list()) {
    out.add(2 * atom);
    if (touched) out.add(2 * atom + 1);
  }
  return out;
}

Shape Space::shape_of(const Rule& rule) const {
  using How = Literal::How;
  const Box& b = rule.box;
  const bool forbid = rule.kind == RuleKind::forbid;
  Shape out;
  const auto say = [&](Column column, How how, Atoms atoms) {
    // A forbid takes what is not known, where a request may not know it.
    const bool unknown = forbid && axis_of(column).may_be_unknown;
    out.at(static_cast<std::size_t>(column)) = {
        .how = how, .unknown = unknown, .atoms = std::move(atoms)};
  };
  const How all = forbid ? How::touching : How::inside;
  if (b.from) say(Column::from, How::one_of, from_.atoms_of(*b.from));
  if (b.to) say(Column::to, How::one_of, to_.atoms_of(*b.to));
  if (b.dataset) say(Column::dataset, all, datasets_.atoms_of(*b.dataset));
  if (b.secrecy)
    say(Column::secrecy, How::one_of,
        grades(static_cast<std::size_t>(*b.secrecy), kSecrecies, rule.kind));
  if (b.grade)
    say(Column::grade, How::one_of, grades(static_cast<std::size_t>(*b.grade), kGrades, rule.kind));
  if (b.within) say(Column::within, all, compartments_.atoms_of(*b.within));
  if (b.areas) say(Column::area, all, forbid ? areas_.touching(*b.areas) : areas_.inside(*b.areas));
  if (b.area_sets) say(Column::area_set, How::touching, area_set_atoms(*b.area_sets, forbid));
  if (b.scale) say(Column::scale, How::one_of, scales_.atoms_of(*b.scale));
  if (b.when) say(Column::when, How::one_of, times_.atoms_of(*b.when));
  if (b.node_levels) say(Column::node_level, How::one_of, node_levels_.atoms_of(*b.node_levels));
  if (b.roles) say(Column::role, How::touching, roles_.atoms_of(*b.roles));
  return out;
}

Region Space::everything() const {
  Region out;
  for (std::size_t i = 0; i < kColumns; ++i) {
    const auto column = static_cast<Column>(i);
    Extent& extent = out.columns.at(i);
    extent.unknown = axis_of(column).may_be_unknown;
    extent.inside = Atoms::all(atoms_in(column));
    extent.known = extent.inside.any() || axis_of(column).empty_is_known;
  }
  return out;
}

Request Space::example_of(const Region& region, Known known) const {
  const auto is_known = [&](Column column) {
    const Extent& extent = region.of(column);
    return extent.known && (known == Known::all || !extent.unknown);
  };
  const auto one = [&](Column column) { return region.of(column).inside.list().front(); };
  const auto some = [&](Column column) { return fewest(region.of(column), axis_of(column)); };
  Request out;
  out.from = from_.example_of(one(Column::from));
  out.to = to_.example_of(one(Column::to));
  if (region.of(Column::dataset).known)
    for (const std::size_t atom : some(Column::dataset))
      out.classes.insert(datasets_.example_of(atom));
  out.secrecy = static_cast<flow::Secrecy>(one(Column::secrecy));
  out.grade = static_cast<flow::DataGrade>(one(Column::grade));
  for (const std::size_t atom : some(Column::within))
    out.compartments.insert(compartments_.example_of(atom));
  if (is_known(Column::area))
    for (const std::size_t atom : some(Column::area)) out.areas.push_back(areas_.example_of(atom));
  if (is_known(Column::area_set)) {
    out.placement.emplace();
    for (const std::size_t atom : some(Column::area_set)) {
      const NameIndex set = area_sets_.example_of(atom / 2);
      if (atom % 2 == 0) out.placement->inside.insert(set);
      out.placement->touched.insert(set);
    }
  }
  if (is_known(Column::scale)) out.scale = scales_.range_of(one(Column::scale)).finest;
  if (is_known(Column::when)) out.at = times_.example_of(one(Column::when));
  if (is_known(Column::node_level))
    out.node_level = node_levels_.example_of(one(Column::node_level));
  if (is_known(Column::role)) {
    out.roles.emplace();
    for (const std::size_t atom : some(Column::role)) out.roles->insert(roles_.example_of(atom));
  }
  return out;
}

bool Space::holds(const Region& region, const Request& request) const {
  for (std::size_t i = 0; i < kColumns; ++i)
    if (!holds(static_cast<Column>(i), region.columns.at(i), request)) return false;
  return true;
}

bool Space::holds(Column column, const Extent& extent, const Request& r) const {
  Atoms values(atoms_in(column));
  const auto one = [&](std::optional<std::size_t> atom) {
    if (!atom) return false;
    values.add(*atom);
    return lies_in(extent, values);
  };
  switch (column) {
    case Column::from: return one(from_.atom_of(r.from));
    case Column::to: return one(to_.atom_of(r.to));
    case Column::dataset:
      return r.classes.empty() ? extent.unknown : lies_in(extent, datasets_.atoms_of(r.classes));
    case Column::secrecy: return one(static_cast<std::size_t>(r.secrecy));
    case Column::grade: return one(static_cast<std::size_t>(r.grade));
    case Column::within: return lies_in(extent, compartments_.atoms_of(r.compartments));
    case Column::area:
      for (const Area& area : r.areas) {
        const auto atom = areas_.atom_of(area);
        if (!atom) return false;
        values.add(*atom);
      }
      return r.areas.empty() ? extent.unknown : lies_in(extent, values);
    case Column::area_set:
      if (!r.placement) return extent.unknown;
      for (const std::size_t atom : area_sets_.atoms_of(r.placement->touched).list())
        values.add(2 * atom + 1);
      values.merge(area_set_atoms(r.placement->inside, true));
      return lies_in(extent, values);
    case Column::scale: return r.scale ? one(scales_.atom_of(*r.scale)) : extent.unknown;
    case Column::when: return r.at ? one(times_.atom_of(*r.at)) : extent.unknown;
    case Column::node_level:
      return r.node_level ? one(node_levels_.atom_of(*r.node_level)) : extent.unknown;
    case Column::role: return r.roles ? lies_in(extent, roles_.atoms_of(*r.roles)) : extent.unknown;
  }
  return false;
}

}  // namespace hangu::policy
