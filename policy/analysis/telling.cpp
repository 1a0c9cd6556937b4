#include "policy/analysis/telling.hpp"

#include <algorithm>
#include <array>

namespace hangu::policy {
namespace {

using Boxes = std::vector<const Shape*>;

bool matches(const Rule& rule, const RuleBook& book, const Request& request) {
  return rule.kind == RuleKind::permit ? permits(rule.box, request, book.calendars())
                                       : forbids(rule.box, request, book.calendars());
}

bool is_same(const Expectation& one, const Expectation& other) {
  return one.allowed == other.allowed && one.rules == other.rules && one.require == other.require;
}

std::optional<Space> cut(const Policy& policy, std::span<const Mutant> mutants,
                         const Catalogue& catalogue) {
  std::vector<Rule> changed;
  for (const Mutant& mutant : mutants)
    if (mutant.changed) changed.push_back(*mutant.changed);
  const std::array periods{Period{policy.effective, policy.expires}};
  return Space::cut(policy.book.rules(), changed, catalogue, periods);
}

}  // namespace

Expectation answer_of(const RuleBook& book, const Mutant& mutant, const Request& request) {
  // The other rules that match, and the changed one: as RuleBook::judge() says it.
  std::vector<const Rule*> now;
  for (std::uint32_t i = 0; i < book.rules().size(); ++i)
    if (i != mutant.rule && matches(book.rules()[i], book, request))
      now.push_back(&book.rules()[i]);
  if (mutant.changed && matches(*mutant.changed, book, request)) now.push_back(&*mutant.changed);
  const bool forbidden =
      std::ranges::any_of(now, [](const Rule* rule) { return rule->kind == RuleKind::forbid; });
  Expectation out{.allowed = !forbidden && !now.empty(), .rules = {{}}, .approvals = 0};
  Obligations joined;
  for (const Rule* rule : now) {
    if ((rule->kind == RuleKind::forbid) != forbidden) continue;
    out.rules->push_back(rule->id);
    joined.join(rule->obligations);
  }
  std::ranges::sort(*out.rules);
  out.approvals = joined.approvals;
  out.require = joined;
  return out;
}

/// How one mutant's search stands.
struct Telling::Search {
  Told told;
  std::size_t tries = 0;
  bool to_the_end = true;  ///< every piece has been looked at
};

Telling::Telling(const Policy& policy, std::span<const Mutant> mutants, const Catalogue& catalogue)
    : book_(policy.book),
      space_(cut(policy, mutants, catalogue)),
      steps_(kTellingStepsMax, space_ ? space_->weight() : 1) {
  if (!space_) return;
  for (const Rule& rule : book_.rules()) shapes_.push_back(space_->shape_of(rule));
}

std::vector<Region> Telling::differing(const Mutant& mutant, const Shape& changed) const {
  const Region old = both(space_->everything(), shapes_[mutant.rule]);
  // Left out, or with other demands: everywhere in it.
  if (!mutant.changed || mutant.changed->obligations != book_.rules()[mutant.rule].obligations)
    return {old};
  std::vector<Region> out = without(both(space_->everything(), changed), shapes_[mutant.rule]);
  for (Region& piece : without(old, changed)) out.push_back(std::move(piece));
  return out;
}

Boxes Telling::others(const Mutant& mutant, RuleKind kind) const {
  Boxes out;
  for (std::size_t i = 0; i < shapes_.size(); ++i)
    if (i != mutant.rule && book_.rules()[i].kind == kind) out.push_back(&shapes_[i]);
  return out;
}

void Telling::add_demanding(const Mutant& mutant, const Demand& demand, Boxes& boxes) const {
  for (std::size_t i = 0; i < shapes_.size(); ++i)
    if (i != mutant.rule && book_.rules()[i].kind == RuleKind::permit &&
        demands(book_.rules()[i].obligations, demand))
      boxes.push_back(&shapes_[i]);
}

void Telling::look(const Mutant& mutant, std::vector<Region> regions, const Boxes& boxes,
                   Search& search) {
  for (Region& region : regions) {
    if (search.told.request) return;
    subtract(std::move(region), boxes, steps_, [&](const Region& piece) {
      Request request = space_->example_of(piece, Space::Known::least);
      if (++search.tries > kTellingTriesMax) return search.to_the_end = false;
      if (is_same(answer_of(book_, request), answer_of(book_, mutant, request))) return true;
      search.told.request = std::move(request);
      return false;
    });
  }
}

Told Telling::find(const Mutant& mutant) {
  Search search;
  if (!space_) return search.told;
  const Shape changed = mutant.changed ? space_->shape_of(*mutant.changed) : Shape{};
  const std::vector<Region> regions = differing(mutant, changed);
  const Boxes permits = others(mutant, RuleKind::permit);
  Boxes forbids = others(mutant, RuleKind::forbid);
  if (book_.rules()[mutant.rule].kind == RuleKind::permit) {
    Boxes all = forbids;
    all.insert(all.end(), permits.begin(), permits.end());
    look(mutant, regions, all, search);  // no other rule matches
  } else {
    std::vector<Region> permitted;  // else it would be
    for (const Shape* permit : permits)
      for (const Region& region : regions)
        if (meets(region, *permit)) permitted.push_back(both(region, *permit));
    look(mutant, std::move(permitted), forbids, search);
  }
  if (search.told.request) return search.told;
  // With other rules beside it: where those demand the same, nothing tells.
  search.to_the_end = true;
  search.tries = 0;
  Boxes boxes = forbids;
  if (mutant.changed)
    for (const Demand& demand : demands_in(book_.rules()[mutant.rule].obligations))
      if (!demands(mutant.changed->obligations, demand)) add_demanding(mutant, demand, boxes);
  look(mutant, regions, boxes, search);
  search.told.is_none =
      !search.told.request && search.to_the_end && !steps_.spent() && search.tries == 0;
  return search.told;
}

}  // namespace hangu::policy
