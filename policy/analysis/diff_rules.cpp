// What the rules of two policies decide otherwise.

#include <algorithm>
#include <array>
#include <map>

#include "policy/analysis/approvers.hpp"
#include "policy/analysis/diff_found.hpp"
#include "policy/analysis/diff_words.hpp"
#include "policy/analysis/subtract.hpp"

namespace hangu::policy {
namespace {

class RuleDiff {
 public:
  RuleDiff(const Pair& pair, const Space& space, std::vector<Change>& changes)
      : space_(space),
        everything_(space.everything()),
        before_(pair.joint.before, false, space),
        after_(pair.joint.after, true, space),
        words_(pair.joint.catalogue, space, before_, after_),
        changes_(changes) {}

  Bounds run() {
    // What widens first: it is told before a bound is met.
    find_access(after_, before_, ChangeKind::newly_allowed);
    find_demands(before_, after_, ChangeKind::weakened);
    find_approvers();
    find_access(before_, after_, ChangeKind::newly_refused);
    find_demands(after_, before_, ChangeKind::strengthened);
    find_forbids();
    return met_;
  }

 private:
  [[nodiscard]] Steps new_steps() const { return {kDiffStepsMax, space_.weight()}; }
  /// Whether no more is looked for.
  [[nodiscard]] bool is_over(const Steps& steps, ChangeKind kind) {
    return steps.spent() || told_[kind] > kDiffChangesMax;
  }
  void finish(const Steps& steps) { met_.steps = met_.steps || steps.spent(); }

  /// What `one` allows and `other` does not.
  void find_access(const Half& one, const Half& other, ChangeKind kind) {
    Steps steps = new_steps();
    Boxes forbids;
    one.add_boxes(one.forbids, forbids);
    Boxes stopped = forbids;
    other.add_boxes(other.permits, stopped);
    const Numbers lifted = lifted_forbids(one, other, steps);
    for (const std::size_t permit : one.permits) {
      const Region region = both(everything_, one.shapes[permit]);
      Found found{.kind = kind, .code = "access", .rules = {one.responsible(permit)}};
      subtract(region, stopped, steps, [&](const Region& piece) { return add(found, piece); });
      tell(std::move(found));
      for (const std::size_t forbid : lifted) {
        if (is_over(steps, kind)) break;
        if (!steps.take(1) || !meets(region, other.shapes[forbid]) || !steps.take(1, 1)) continue;
        Found free{.kind = kind,
                   .code = "access",
                   .rules = {one.responsible(permit), other.responsible(forbid)},
                   .other = other.rules()[forbid].id};
        subtract(both(region, other.shapes[forbid]), forbids, steps,
                 [&](const Region& piece) { return add(free, piece); });
        tell(std::move(free));
      }
      if (is_over(steps, kind)) break;
    }
    finish(steps);
  }

  /// The forbids of `other` of which no forbid of `one` takes all by itself.
  Numbers lifted_forbids(const Half& one, const Half& other, Steps& steps) const {
    Numbers out;
    for (const std::size_t forbid : other.forbids) {
      const Region region = both(everything_, other.shapes[forbid]);
      const bool kept = std::ranges::any_of(one.forbids, [&](std::size_t own) {
        return steps.take(1) && columns_outside(region, one.shapes[own]) == 0;
      });
      if (!kept) out.push_back(forbid);
    }
    return out;
  }

  static bool add(Found& found, const Region& piece, const Demand& demand = {}) {
    found.regions.push_back(piece);
    found.demands.push_back(demand);
    return !found.is_full();
  }

  /// What `one` demands of a request and `other`, which allows it as well, does not.
  void find_demands(const Half& one, const Half& other, ChangeKind kind) {
    Steps steps = new_steps();
    for (const std::size_t permit : one.permits) {
      const Region region = both(everything_, one.shapes[permit]);
      const Obligations& obligations = one.rules()[permit].obligations;
      if (is_over(steps, kind) || !steps.take(other.permits.size())) break;
      const bool kept = std::ranges::any_of(other.permits, [&](std::size_t number) {
        return columns_outside(region, other.shapes[number]) == 0 &&
               demands_all_of(other.rules()[number].obligations, obligations);
      });
      if (kept) continue;
      std::map<DemandKind, Found> found;
      for (const Demand& demand : demands_in(obligations)) {
        Found& of_kind = found[demand.kind];
        of_kind.kind = kind;
        of_kind.code = std::string(key_of(demand.kind));
        if (of_kind.rules.empty()) of_kind.rules = {one.responsible(permit)};
        find_demand(one, other, region, demand, steps, of_kind);
      }
      for (auto& [demand, of_kind] : found) tell(std::move(of_kind));
    }
    finish(steps);
  }

  void find_demand(const Half& one, const Half& other, const Region& region, const Demand& demand,
                   Steps& steps, Found& found) {
    Boxes boxes;
    one.add_boxes(one.forbids, boxes);
    other.add_boxes(other.forbids, boxes);
    for (const std::size_t number : other.permits)
      if (demands(other.rules()[number].obligations, demand))
        boxes.push_back(&other.shapes[number]);
    subtract(region, std::move(boxes), steps, [&](const Region& piece) {
      return each_without_roles(other, piece, demand, steps, [&](const Region& part) {
        return add_allowed(other, part, demand, steps, found);
      });
    });
  }

  /// Each listed role is a human of its own: where permits list so many roles together, so many
  /// approvals are demanded, though none of them says so. Calls `see` with what is left.
  bool each_without_roles(const Half& other, const Region& region, const Demand& demand,
                          Steps& steps, const std::function<bool(const Region&)>& see) {
    Numbers with_roles;
    NameSet all;
    if (demand.kind == DemandKind::approvals) {
      if (!steps.take(other.permits.size())) return false;
      for (const std::size_t number : other.permits) {
        const NameSet& roles = other.rules()[number].obligations.approver_roles;
        if (roles.empty() || !meets(region, other.shapes[number])) continue;
        with_roles.push_back(number);
        all.merge(roles);
      }
    }
    if (all.size() < demand.value || demand.kind != DemandKind::approvals) return see(region);
    return each_part<NameSet>(
        region, other.shapes, with_roles, steps,
        [&](NameSet& roles, std::size_t number) {
          roles.merge(other.rules()[number].obligations.approver_roles);
        },
        [&](const NameSet& roles) { return roles.size() >= demand.value; }, see);
  }

  /// Of a piece, what `other` allows.
  bool add_allowed(const Half& other, const Region& piece, const Demand& demand, Steps& steps,
                   Found& found) {
    if (!steps.take(other.permits.size())) return false;
    for (const std::size_t number : other.permits) {
      if (!meets(piece, other.shapes[number])) continue;
      if (!steps.take(1, 1)) return false;
      const Responsible by = other.responsible(number);
      if (std::ranges::find(found.rules, by) == found.rules.end()) found.rules.push_back(by);
      if (!add(found, both(piece, other.shapes[number]), demand)) return false;
    }
    return true;
  }

  /// Who approves is counted permit by permit, which the highest number and all roles together, as
  /// find_demands() sees them, may hide: two of one role are not one of each of two.
  void find_approvers() {
    Steps steps = new_steps();
    for (const std::size_t then : before_.permits) {
      const ApprovalDemand demand = approvers_of(before_, then);
      if (demand.count == 0) continue;
      if (is_over(steps, ChangeKind::weakened) || !steps.take(after_.permits.size())) break;
      Found found{.kind = ChangeKind::weakened,
                  .code = "approvers",
                  .rules = {before_.responsible(then)},
                  .approvers = demand};
      Boxes boxes;
      before_.add_boxes(before_.forbids, boxes);
      after_.add_boxes(after_.forbids, boxes);
      for (const std::size_t number : after_.permits)
        if (policy::meets(std::array{approvers_of(after_, number)}, demand))
          boxes.push_back(&after_.shapes[number]);
      subtract(both(everything_, before_.shapes[then]), std::move(boxes), steps,
               [&](const Region& piece) {
                 return each_unmet(piece, demand, steps, [&](const Region& part) {
                   return add_allowed(after_, part, {}, steps, found);
                 });
               });
      if (!is_told(found)) tell(std::move(found));
    }
    finish(steps);
  }

  static ApprovalDemand approvers_of(const Half& half, std::size_t permit) {
    const Obligations& demanded = half.rules()[permit].obligations;
    return {demanded.approver_roles, demanded.approvals};
  }

  /// Whether the same boxes of the same permit were told as fewer approvals or roles.
  [[nodiscard]] bool is_told(const Found& found) const {
    const std::vector<Region> regions = merged(found.regions);
    return std::ranges::any_of(changes_, [&](const Change& change) {
      return change.code.starts_with("approve.") && change.kind == found.kind &&
             change.rules.front() == found.rules.front() &&
             std::ranges::equal(change.regions, regions, {}, &Region::columns, &Region::columns);
    });
  }

  /// Cuts the region by the permits of the new policy that speak of approvers; calls `see` with the
  /// parts in which theirs together do not meet the demand.
  bool each_unmet(const Region& region, const ApprovalDemand& demand, Steps& steps,
                  const std::function<bool(const Region&)>& see) {
    using Demands = std::vector<ApprovalDemand>;
    Numbers speaking;
    if (!steps.take(after_.permits.size())) return false;
    for (const std::size_t number : after_.permits)
      if (approvers_of(after_, number).count > 0 && meets(region, after_.shapes[number]))
        speaking.push_back(number);
    return each_part<Demands>(
        region, after_.shapes, speaking, steps,
        [&](Demands& demands, std::size_t number) {
          demands.push_back(approvers_of(after_, number));
        },
        [&](const Demands& demands) { return policy::meets(demands, demand); }, see);
  }

  /// Forbids that are gone, or take less, though nothing is allowed by it.
  void find_forbids() {
    Steps steps = new_steps();
    Boxes boxes;
    after_.add_boxes(after_.forbids, boxes);
    for (const std::size_t forbid : lifted_forbids(after_, before_, steps)) {
      const Responsible by = before_.responsible(forbid);
      const bool told = std::ranges::any_of(changes_, [&](const Change& change) {
        return change.kind == ChangeKind::newly_allowed &&
               std::ranges::find(change.rules, by) != change.rules.end();
      });
      if (told) continue;
      Found found{.kind = ChangeKind::notice, .code = "forbid", .rules = {by}};
      subtract(both(everything_, before_.shapes[forbid]), boxes, steps,
               [&](const Region& piece) { return add(found, piece); });
      tell(std::move(found));
    }
    finish(steps);
  }

  void tell(Found found) {
    if (found.regions.empty()) return;
    if (++told_[found.kind] > kDiffChangesMax) {
      met_.changes = true;
      return;
    }
    const Request example = space_.example_of(found.regions.front());
    if (!is_confirmed(found, example, found.demands.front())) met_.unconfirmed = true;
    Change change{.kind = found.kind, .code = found.code, .rules = found.rules};
    if (found.kind != ChangeKind::notice) change.example = words_.instance_of(example);
    change.regions = merged(found.regions);
    const bool searched = !met_.steps && !met_.changes;
    change.zh = words_.sentence(found, change.regions, searched, Tongue::zh);
    change.en = words_.sentence(found, change.regions, searched, Tongue::en);
    changes_.push_back(std::move(change));
  }

  /// The rule books have the last word on what an example shows.
  [[nodiscard]] bool is_confirmed(const Found& found, const Request& request,
                                  const Demand& demand) const {
    const Ruling before = before_.side.book.judge(request);
    const Ruling after = after_.side.book.judge(request);
    if (found.approvers)
      return before.allowed && after.allowed &&
             policy::meets(demands_of(before_.side.book, before.rules), *found.approvers) &&
             !policy::meets(demands_of(after_.side.book, after.rules), *found.approvers);
    switch (found.kind) {
      case ChangeKind::newly_allowed: return !before.allowed && after.allowed;
      case ChangeKind::newly_refused: return before.allowed && !after.allowed;
      case ChangeKind::weakened:
        return before.allowed && after.allowed && demands(before.obligations, demand) &&
               !demands(after.obligations, demand);
      case ChangeKind::strengthened:
        return before.allowed && after.allowed && demands(after.obligations, demand) &&
               !demands(before.obligations, demand);
      case ChangeKind::notice: return !before.allowed && !after.allowed;
    }
    return false;
  }

  const Space& space_;
  Region everything_;
  Half before_;
  Half after_;
  DiffWords words_;
  std::vector<Change>& changes_;
  std::map<ChangeKind, std::size_t> told_;
  Bounds met_;
};

}  // namespace

Bounds compare_rules(const Pair& pair, const Space& space, std::vector<Change>& changes) {
  return RuleDiff(pair, space, changes).run();
}

}  // namespace hangu::policy
