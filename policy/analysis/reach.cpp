#include "policy/analysis/reach.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace hangu::policy {
namespace {

/// A permit that may hold the promise's data of one class.
struct Way {
  std::uint32_t number = 0;
  const Rule* rule = nullptr;
  std::uint32_t declassified = 0;
  bool approved = false;
};

class Search {
 public:
  Search(const Promise& promise, const RuleBook& book, const Catalogue& catalogue)
      : promise_(promise), book_(book), catalogue_(catalogue) {}

  Reach run() {
    for (const NameIndex dataset : catalogue_.datasets.indices())
      if (!promise_.origin.dataset || promise_.origin.dataset->contains(dataset))
        search_class(dataset);
    return std::move(out_);
  }

 private:
  std::vector<Way> ways_of(NameIndex dataset) const {
    std::vector<Way> out;
    const Origin& origin = promise_.origin;
    for (std::uint32_t i = 0; i < book_.rules().size(); ++i) {
      const Rule& rule = book_.rules()[i];
      const Box& box = rule.box;
      const bool holds = rule.kind == RuleKind::permit &&
                         (!box.dataset || box.dataset->contains(dataset)) &&
                         (!box.secrecy || origin.secrecy_min <= *box.secrecy) &&
                         (!box.grade || origin.grade_min <= *box.grade) &&
                         (!box.within || box.within->contains_all(origin.within));
      if (!holds) continue;
      out.push_back({.number = i,
                     .rule = &rule,
                     .declassified = declassified_by(promise_, rule.obligations),
                     .approved = rule.obligations.approvals >= promise_.approvals_min});
    }
    return out;
  }

  void search_class(NameIndex dataset) {
    const std::vector<Way> ways = ways_of(dataset);
    std::set<std::uint32_t> areas{Area{}.first, Area{}.end};
    std::set<std::int64_t> scales{ScaleRange{}.finest, ScaleRange{}.coarsest + 1};
    for (const Way& way : ways) {
      for (const Area& area : way.rule->box.areas.value_or(std::vector<Area>{})) {
        areas.insert(area.first);
        areas.insert(area.end);
      }
      if (way.rule->box.scale) {
        scales.insert(way.rule->box.scale->finest);
        scales.insert(way.rule->box.scale->coarsest + 1);
      }
    }
    for (auto area = areas.begin(); std::next(area) != areas.end(); ++area) {
      for (auto scale = scales.begin(); std::next(scale) != scales.end(); ++scale) {
        if (out_.slices.size() == kSlicesMax) out_.complete = false;
        if (!out_.complete) return;
        search_slice({.dataset = dataset,
                      .area = {.first = *area, .end = *std::next(area)},
                      .scale = {.finest = *scale, .coarsest = *std::next(scale) - 1}},
                     ways);
      }
    }
  }

  static bool holds(const Box& box, const Slice& slice) {
    const bool in_area = !box.areas || std::ranges::any_of(*box.areas, [&](const Area& area) {
      return slice.area.is_inside(area);
    });
    return in_area && (!box.scale || (box.scale->finest <= slice.scale.finest &&
                                      slice.scale.coarsest <= box.scale->coarsest));
  }

  /// A label above a zone's ceiling does not enter it, whatever the rules say.
  bool enters(NameIndex zone) const {
    const Ceiling& ceiling = catalogue_.ceilings[zone];
    return promise_.origin.secrecy_min <= ceiling.secrecy &&
           promise_.origin.grade_min <= ceiling.grade;
  }

  /// Breadth first, so that the first breach is the shortest.
  void search_slice(const Slice& slice, const std::vector<Way>& all) {
    std::vector<const Way*> ways;
    for (const Way& way : all)
      if (holds(way.rule->box, slice)) ways.push_back(&way);
    std::map<Place, std::pair<Place, Hop>> came_from;
    std::deque<Place> next;
    for (const NameIndex zone : promise_.origin.zones) {
      const Place start{.zone = zone, .declassified = 0, .approved = promise_.approvals_min == 0};
      came_from.emplace(start, std::pair{start, Hop{}});
      next.push_back(start);
    }
    while (!next.empty()) {  // ends: a place is looked at once
      const Place place = next.front();
      next.pop_front();
      for (const Way* way : ways) {
        if (way->rule->box.from && !way->rule->box.from->contains(place.zone)) continue;
        for (const NameIndex to : catalogue_.zones.indices()) {
          if ((way->rule->box.to && !way->rule->box.to->contains(to)) || !enters(to)) continue;
          const Place there{.zone = to,
                            .declassified = place.declassified | way->declassified,
                            .approved = place.approved || way->approved};
          const Hop hop{.rule = way->number, .to = to};
          if (!came_from.emplace(there, std::pair{place, hop}).second) continue;
          if (++places_ > kPlacesMax || came_from.size() > kPlacesOfSliceMax) {
            out_.complete = false;
            return;
          }
          next.push_back(there);
          if (!out_.breach && !keeps(promise_, there)) tell_breach(slice, there, came_from);
        }
      }
    }
    Reached reached{.slice = slice, .places = {}};
    for (const auto& [place, how] : came_from) reached.places.push_back(place);
    out_.slices.push_back(std::move(reached));
  }

  void tell_breach(const Slice& slice, Place place,
                   const std::map<Place, std::pair<Place, Hop>>& came_from) {
    Breach breach{.slice = slice, .from = 0, .hops = {}};
    while (came_from.at(place).first != place) {
      breach.hops.push_back(came_from.at(place).second);
      place = came_from.at(place).first;
    }
    breach.from = place.zone;
    std::ranges::reverse(breach.hops);
    out_.breach = std::move(breach);
  }

  const Promise& promise_;
  const RuleBook& book_;
  const Catalogue& catalogue_;
  std::size_t places_ = 0;
  Reach out_;
};

}  // namespace

std::uint32_t all_declassified(const Promise& promise) {
  const std::size_t count = promise.declassified_by.size();
  return count >= 32 ? ~std::uint32_t{0} : (std::uint32_t{1} << count) - 1;
}

std::uint32_t declassified_by(const Promise& promise, const Obligations& obligations) {
  std::uint32_t out = 0;
  std::uint32_t bit = 1;
  for (const NameIndex name : promise.declassified_by) {
    if (obligations.declassifiers.contains(name)) out |= bit;
    bit <<= 1U;
  }
  return out;
}

bool keeps(const Promise& promise, const Place& place) {
  if (!promise.reach.contains(place.zone)) return true;
  return !promise.is_absolute() && place.approved &&
         place.declassified == all_declassified(promise);
}

Reach reach_of(const Promise& promise, const RuleBook& book, const Catalogue& catalogue) {
  return Search(promise, book, catalogue).run();
}

}  // namespace hangu::policy
