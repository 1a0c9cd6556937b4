// What the rules of two policies decide otherwise.

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "policy/analysis/approvers.hpp"
#include "policy/analysis/demand.hpp"
#include "policy/analysis/diff_parts.hpp"
#include "policy/analysis/subtract.hpp"
#include "policy/test_case_writer.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kRegionsSaid = 3;  ///< of one change, in its sentence

using Numbers = std::vector<std::size_t>;
using Boxes = std::vector<const Shape*>;

/// One policy's rules as shapes.
struct Half {
  const Side& side;
  bool is_new = false;
  std::vector<Shape> shapes;
  Numbers permits;
  Numbers forbids;

  Half(const Side& of, bool later, const Space& space) : side(of), is_new(later) {
    for (const Rule& rule : rules()) {
      (rule.kind == RuleKind::permit ? permits : forbids).push_back(shapes.size());
      shapes.push_back(space.shape_of(rule));
    }
  }
  [[nodiscard]] const std::vector<Rule>& rules() const { return side.book.rules(); }
  [[nodiscard]] Responsible responsible(std::size_t rule) const {
    return {.in_new = is_new, .id = rules()[rule].id, .place = rules()[rule].place};
  }
  void add_boxes(const Numbers& numbers, Boxes& out) const {
    for (const std::size_t number : numbers) out.push_back(&shapes[number]);
  }
};

/// The change of one code by one rule, while its pieces are found.
struct Found {
  ChangeKind kind = ChangeKind::notice;
  std::string code{};
  std::vector<Responsible> rules{};  ///< the first is the one that it is told of
  std::string other{};               ///< the forbid that no longer, or now, stops it
  std::vector<Region> regions{};
  std::vector<Demand> demands{};              ///< as many as regions: what is not demanded there
  std::optional<ApprovalDemand> approvers{};  ///< of "approvers": who need not approve any more
  [[nodiscard]] bool is_full() const { return regions.size() >= kDiffRegionsMax; }
};

class RuleDiff {
 public:
  RuleDiff(const Pair& pair, const Space& space, std::vector<Change>& changes)
      : catalogue_(pair.joint.catalogue),
        space_(space),
        everything_(space.everything()),
        before_(pair.joint.before, false, space),
        after_(pair.joint.after, true, space),
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
    struct Part {
      Region region;
      NameSet roles;
      std::size_t next = 0;
    };
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
    std::vector<Part> left;
    left.push_back({region, {}, 0});
    while (!left.empty()) {
      Part part = std::move(left.back());
      left.pop_back();
      if (!steps.take(1)) return false;
      if (part.roles.size() >= demand.value) continue;
      if (part.next == with_roles.size()) {
        if (!see(part.region)) return false;
        continue;
      }
      const std::size_t number = with_roles[part.next++];
      if (!meets(part.region, other.shapes[number])) {
        left.push_back(std::move(part));
        continue;
      }
      if (!steps.take(1, kColumns)) return false;
      for (Region& outside : without(part.region, other.shapes[number]))
        left.push_back({std::move(outside), part.roles, part.next});
      part.region = both(part.region, other.shapes[number]);
      part.roles.merge(other.rules()[number].obligations.approver_roles);
      left.push_back(std::move(part));
    }
    return true;
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
    struct Part {
      Region region;
      std::vector<ApprovalDemand> demands;
      std::size_t next = 0;
    };
    Numbers speaking;
    if (!steps.take(after_.permits.size())) return false;
    for (const std::size_t number : after_.permits)
      if (approvers_of(after_, number).count > 0 && meets(region, after_.shapes[number]))
        speaking.push_back(number);
    std::vector<Part> left;
    left.push_back({region, {}, 0});
    while (!left.empty()) {
      Part part = std::move(left.back());
      left.pop_back();
      if (!steps.take(1)) return false;
      if (policy::meets(part.demands, demand)) continue;
      if (part.next == speaking.size()) {
        if (!see(part.region)) return false;
        continue;
      }
      const std::size_t number = speaking[part.next++];
      if (!meets(part.region, after_.shapes[number])) {
        left.push_back(std::move(part));
        continue;
      }
      if (!steps.take(1, kColumns)) return false;
      for (Region& outside : without(part.region, after_.shapes[number]))
        left.push_back({std::move(outside), part.demands, part.next});
      part.region = both(part.region, after_.shapes[number]);
      part.demands.push_back(approvers_of(after_, number));
      left.push_back(std::move(part));
    }
    return true;
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
    const bool full = found.is_full();
    if (found.kind != ChangeKind::notice) change.example = instance_of(example);
    change.regions = merged(found.regions);
    change.zh = sentence(found, change.regions, full, Tongue::zh);
    change.en = sentence(found, change.regions, full, Tongue::en);
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

  [[nodiscard]] Instance instance_of(const Request& request) const {
    return {.request = request,
            .given = given_text(request, catalogue_),
            .before_zh = answer(before_, request, Tongue::zh),
            .before_en = answer(before_, request, Tongue::en),
            .after_zh = answer(after_, request, Tongue::zh),
            .after_en = answer(after_, request, Tongue::en)};
  }

  [[nodiscard]] std::string answer(const Half& half, const Request& request, Tongue tongue) const {
    const bool chinese = tongue == Tongue::zh;
    const Ruling ruling = half.side.book.judge(request);
    std::string ids;
    for (const std::uint32_t number : ruling.rules)
      ids += (ids.empty() ? "" : chinese ? "、" : ", ") + half.rules()[number].id;
    if (ruling.allowed)
      return (chinese ? "允许(" + ids + "):" : "permitted (" + ids + "): ") +
             demands_of(ruling.obligations, catalogue_, tongue);
    if (ids.empty()) return chinese ? "没有规则允许" : "no rule permits it";
    return chinese ? "禁止(" + ids + ")" : "forbidden (" + ids + ")";
  }

  /// The first regions in words, and how many more there are.
  [[nodiscard]] std::string regions_text(const std::vector<Region>& regions, bool full,
                                         Tongue tongue) const {
    const bool chinese = tongue == Tongue::zh;
    std::string out;
    for (std::size_t i = 0; i < regions.size() && i < kRegionsSaid; ++i)
      out += (i == 0    ? ""
              : chinese ? " / "
                        : " / ") +
             space_.words_of(regions[i], catalogue_, tongue);
    if (regions.size() <= kRegionsSaid) return out + (full ? " / …" : "");
    const std::string more = std::to_string(regions.size() - kRegionsSaid) + (full ? "+" : "");
    return out + (chinese ? " / 另外" + more + "块" : " / " + more + " more boxes");
  }

  /// What is not demanded any more (or only now), of what `found` has, each once.
  [[nodiscard]] std::string demands_text(const Found& found, Tongue tongue) const {
    Obligations all;
    if (found.approvers) {
      all.approvals = found.approvers->count;
      all.approver_roles = found.approvers->roles;
      return policy::demands_of(all, catalogue_, tongue);
    }
    for (const Demand& demand : found.demands) all.join(obligations_of(demand));
    return demands_of(all, catalogue_, tongue);
  }

  [[nodiscard]] std::string sentence(const Found& found, const std::vector<Region>& regions,
                                     bool full, Tongue tongue) const {
    const bool chinese = tongue == Tongue::zh;
    const std::string& id = found.rules.front().id;
    const std::string where = regions_text(regions, full, tongue);
    const std::string& other = found.other;
    switch (found.kind) {
      case ChangeKind::newly_allowed:
        if (chinese)
          return id + "现在允许,原来不允许" + (other.empty() ? "" : ",不再被" + other + "禁止") +
                 ":" + where + "。";
        return id + " newly allows" +
               (other.empty() ? "" : ", since " + other + " no longer forbids it") + ": " + where +
               ".";
      case ChangeKind::newly_refused:
        if (chinese)
          return id + (other.empty() ? "不再允许" : "原来允许的,现在被" + other + "禁止") + ":" +
                 where + "。";
        return (other.empty() ? id + " no longer allows: "
                              : other + " newly forbids what " + id + " allowed: ") +
               where + ".";
      case ChangeKind::weakened:
        if (chinese)
          return "不再须“" + demands_text(found, tongue) + "”(" + id + "的要求):" + where + "。";
        return "No longer demanded, as " + id + " did (" + demands_text(found, tongue) +
               "): " + where + ".";
      case ChangeKind::strengthened:
        if (chinese)
          return "现在须“" + demands_text(found, tongue) + "”(" + id + "的要求):" + where + "。";
        return "Newly demanded by " + id + " (" + demands_text(found, tongue) + "): " + where + ".";
      case ChangeKind::notice: {
        // Not said where the search for what is allowed did not come to its end.
        const char* sure = met_.steps || met_.changes ? ""
                           : chinese                  ? "(本来也没有规则允许)"
                                                      : " (nor does any permit allow)";
        if (chinese) return "禁止规则" + id + "不再禁止" + sure + ":" + where + "。";
        return "The forbid " + id + " no longer takes" + sure + ": " + where + ".";
      }
    }
    return {};
  }

  const Catalogue& catalogue_;
  const Space& space_;
  Region everything_;
  Half before_;
  Half after_;
  std::vector<Change>& changes_;
  std::map<ChangeKind, std::size_t> told_;
  Bounds met_;
};

}  // namespace

Bounds compare_rules(const Pair& pair, const Space& space, std::vector<Change>& changes) {
  return RuleDiff(pair, space, changes).run();
}

}  // namespace hangu::policy
