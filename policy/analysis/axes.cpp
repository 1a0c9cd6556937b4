#include "policy/analysis/axes.hpp"

#include <algorithm>
#include <set>

namespace hangu::policy {
namespace {

using Ends = std::pair<std::uint32_t, std::uint32_t>;

constexpr Ends kChina{0, 1'000'000};

Ends ends_of(const Area& area) { return {area.first, area.end}; }

/// The prefix that a prefix stands in, two digits shorter.
Ends outer_of(const Ends& ends) {
  const std::uint32_t width = 100 * (ends.second - ends.first);
  if (width >= kChina.second) return kChina;
  return {ends.first / width * width, (ends.first / width + 1) * width};
}

/// The prefixes two digits longer, or the provinces.
std::vector<Area> parts_of(const Ends& ends) {
  std::vector<Area> out;
  const std::uint32_t width = (ends.second - ends.first) / 100;
  for (std::uint32_t i = 1; width > 0 && i <= 100; ++i) {
    const std::uint32_t number = i % 100;  // 00 last: it names no place
    const std::uint32_t first = ends.first + number * width;
    // A province's code is one of those that there are; inside one any digits are.
    if (ends == kChina && !Area::parse(std::to_string(100 + number).substr(1))) continue;
    out.push_back({.first = first, .end = first + width});
  }
  return out;
}

}  // namespace

std::optional<NameAxis> NameAxis::cut(std::span<const Rule* const> rules,
                                      std::optional<NameSet> Box::* column, std::size_t names) {
  NameAxis out;
  out.atom_of_.resize(names);
  std::vector<std::size_t> sizes(names == 0 ? 0 : 1, names);  // of each atom
  for (const Rule* rule : rules) {
    const auto& listed = rule->box.*column;
    if (!listed) continue;
    std::map<std::size_t, std::size_t> found;  // by atom: how many of it are listed
    for (const NameIndex name : *listed) ++found[out.atom_of_[name]];
    // Each atom of which a part is listed becomes two.
    std::map<std::size_t, std::size_t> parts;
    for (const auto& [atom, count] : found) {
      if (count == sizes[atom]) continue;
      parts.emplace(atom, sizes.size());
      sizes[atom] -= count;
      sizes.push_back(count);
    }
    for (const NameIndex name : *listed)
      if (const auto part = parts.find(out.atom_of_[name]); part != parts.end())
        out.atom_of_[name] = part->second;
  }
  const std::size_t atoms = sizes.size();
  if (atoms > kAtomsMax) return std::nullopt;
  out.members_.resize(atoms);
  for (NameIndex name = 0; name < names; ++name) out.members_[out.atom_of_[name]].insert(name);
  return out;
}

Atoms NameAxis::atoms_of(const NameSet& names) const {
  Atoms out(size());
  for (const NameIndex name : names) out.add(atom_of_[name]);
  return out;
}

NameSet NameAxis::names_of(const Atoms& atoms) const {
  NameSet out;
  for (const std::size_t atom : atoms.list()) out.merge(members_[atom]);
  return out;
}

std::optional<AreaAxis> AreaAxis::cut(std::span<const Rule* const> rules) {
  std::set<Ends> named;
  for (const Rule* rule : rules) {
    if (!rule->box.areas) continue;
    for (const Area& area : *rule->box.areas)
      for (Ends ends = ends_of(area); ends != kChina; ends = outer_of(ends))
        if (!named.insert(ends).second) break;
    if (named.size() > kAtomsMax) return std::nullopt;
  }
  std::set<Ends> outer{kChina};
  for (const Ends& ends : named) outer.insert(outer_of(ends));
  AreaAxis out;
  const auto add_others = [&](const Ends& ends) {
    if (!outer.contains(ends)) return;
    for (const Area& part : parts_of(ends)) {
      if (named.contains(ends_of(part))) continue;
      out.others_.emplace(ends, out.atoms_.size());
      out.atoms_.push_back(part);
      return;
    }
  };
  add_others(kChina);
  for (const Ends& ends : named) {
    out.named_.emplace(ends, out.atoms_.size());
    out.atoms_.push_back({.first = ends.first, .end = ends.second});
    add_others(ends);
  }
  if (out.size() > kAtomsMax) return std::nullopt;
  return out;
}

Atoms AreaAxis::inside(const std::vector<Area>& prefixes) const {
  std::set<Ends> distinct;
  for (const Area& prefix : prefixes) distinct.insert(ends_of(prefix));
  Atoms out(size());
  const auto add = [&](const std::map<Ends, std::size_t>& all, const Ends& ends) {
    for (auto at = all.lower_bound({ends.first, 0}); at != all.end(); ++at) {
      if (at->first.first >= ends.second) return;
      if (at->first.second <= ends.second) out.add(at->second);
    }
  };
  for (const Ends& ends : distinct) {
    add(named_, ends);
    add(others_, ends);
  }
  return out;
}

Atoms AreaAxis::touching(const std::vector<Area>& prefixes) const {
  Atoms out = inside(prefixes);
  for (const Area& prefix : prefixes)
    for (Ends ends = ends_of(prefix); ends != kChina; ends = outer_of(ends))
      if (const auto at = named_.find(ends); at != named_.end()) out.add(at->second);
  return out;
}

std::optional<std::size_t> AreaAxis::atom_of(const Area& area) const {
  for (Ends ends = ends_of(area);; ends = outer_of(ends)) {
    const bool itself = ends == ends_of(area);
    if (const auto at = named_.find(ends); at != named_.end() && itself) return at->second;
    if (const auto at = others_.find(ends); at != others_.end() && !itself) return at->second;
    // Inside a prefix that no rule divides: as that one.
    if (const auto at = named_.find(ends); at != named_.end()) return at->second;
    if (ends == kChina) return std::nullopt;
  }
}

std::optional<ScaleAxis> ScaleAxis::cut(std::span<const Rule* const> rules) {
  std::set<std::int64_t> cuts{ScaleRange{}.finest, ScaleRange{}.coarsest + 1};
  for (const Rule* rule : rules) {
    if (!rule->box.scale) continue;
    cuts.insert(rule->box.scale->finest);
    cuts.insert(rule->box.scale->coarsest + 1);
  }
  if (cuts.size() > kAtomsMax) return std::nullopt;
  ScaleAxis out;
  for (auto cut = cuts.begin(); std::next(cut) != cuts.end(); ++cut)
    out.atoms_.push_back({.finest = *cut, .coarsest = *std::next(cut) - 1});
  return out;
}

Atoms ScaleAxis::atoms_of(const ScaleRange& range) const {
  Atoms out(size());
  for (std::size_t atom = 0; atom < size(); ++atom)
    if (range.finest <= atoms_[atom].finest && atoms_[atom].coarsest <= range.coarsest)
      out.add(atom);
  return out;
}

std::optional<std::size_t> ScaleAxis::atom_of(std::int64_t denominator) const {
  for (std::size_t atom = 0; atom < size(); ++atom)
    if (atoms_[atom].finest <= denominator && denominator <= atoms_[atom].coarsest) return atom;
  return std::nullopt;
}

}  // namespace hangu::policy
