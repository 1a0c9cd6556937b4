#include "policy/analysis/joint.hpp"

namespace hangu::policy {
namespace {

/// From a catalogue's places to the joint one's.
using Places = std::vector<NameIndex>;

/// All lists of one catalogue.
struct Translation {
  Places zones, datasets, compartments, roles, node_levels, declassifiers, packs, area_sets,
      calendars;
};

NameSet in(const Places& places, const NameSet& names) {
  NameSet out;
  for (const NameIndex name : names) out.insert(places[name]);
  return out;
}

std::optional<NameSet> in(const Places& places, const std::optional<NameSet>& names) {
  if (!names) return std::nullopt;
  return in(places, *names);
}

Obligations in(const Translation& to, Obligations o) {
  o.declassifiers = in(to.declassifiers, o.declassifiers);
  o.packs = in(to.packs, o.packs);
  o.approver_roles = in(to.roles, o.approver_roles);
  o.notify = in(to.roles, o.notify);
  return o;
}

Rule in(const Translation& to, Rule rule) {
  Box& box = rule.box;
  box.from = in(to.zones, box.from);
  box.to = in(to.zones, box.to);
  box.dataset = in(to.datasets, box.dataset);
  box.within = in(to.compartments, box.within);
  box.area_sets = in(to.area_sets, box.area_sets);
  box.node_levels = in(to.node_levels, box.node_levels);
  box.roles = in(to.roles, box.roles);
  if (box.when) box.when->calendar = to.calendars[box.when->calendar];
  rule.obligations = in(to, std::move(rule.obligations));
  return rule;
}

Promise in(const Translation& to, Promise promise) {
  promise.origin.zones = in(to.zones, promise.origin.zones);
  promise.origin.dataset = in(to.datasets, promise.origin.dataset);
  promise.origin.within = in(to.compartments, promise.origin.within);
  promise.reach = in(to.zones, promise.reach);
  promise.declassified_by = in(to.declassifiers, promise.declassified_by);
  return promise;
}

TestCase in(const Translation& to, TestCase test) {
  Request& r = test.given;
  r.from = to.zones[r.from];
  r.to = to.zones[r.to];
  r.classes = in(to.datasets, r.classes);
  r.compartments = in(to.compartments, r.compartments);
  if (r.placement)
    r.placement = Placement{.inside = in(to.area_sets, r.placement->inside),
                            .touched = in(to.area_sets, r.placement->touched)};
  if (r.node_level) r.node_level = to.node_levels[*r.node_level];
  r.roles = in(to.roles, r.roles);
  if (test.expect.require) test.expect.require = in(to, *test.expect.require);
  return test;
}

bool is_same(const Calendar& one, const Calendar& other) {
  return one.offset == other.offset && one.weekdays == other.weekdays && one.off == other.off &&
         one.made == other.made;
}

class Joiner {
 public:
  Joiner(const Catalogue& before, const Catalogue& after) : before_(before), after_(after) {}

  Done join() {
    HANGU_CHECK(join_list(&Catalogue::zones, &Translation::zones));
    HANGU_CHECK(join_list(&Catalogue::datasets, &Translation::datasets));
    HANGU_CHECK(join_list(&Catalogue::compartments, &Translation::compartments));
    HANGU_CHECK(join_list(&Catalogue::roles, &Translation::roles));
    HANGU_CHECK(join_list(&Catalogue::node_levels, &Translation::node_levels));
    HANGU_CHECK(join_list(&Catalogue::declassifiers, &Translation::declassifiers));
    HANGU_CHECK(join_list(&Catalogue::packs, &Translation::packs));
    HANGU_CHECK(join_list(&Catalogue::area_sets, &Translation::area_sets,
                          [&](NameIndex old, NameIndex now) {
                            return before_.area_set_digests[old] == after_.area_set_digests[now];
                          }));
    HANGU_CHECK(join_list(&Catalogue::calendars, &Translation::calendars,
                          [&](NameIndex old, NameIndex now) {
                            return is_same(before_.calendar_days[old], after_.calendar_days[now]);
                          }));
    take_calendars();
    take_ceilings();
    return {};
  }

  [[nodiscard]] Side side(const PolicyReading& reading, const Translation& to) const {
    Side out;
    std::vector<Rule> rules;
    rules.reserve(reading.policy.book.rules().size());
    for (const Rule& rule : reading.policy.book.rules()) rules.push_back(in(to, rule));
    out.book = RuleBook(std::move(rules), catalogue.calendar_days);
    for (const Promise& promise : reading.promises) out.promises.push_back(in(to, promise));
    for (const TestCase& test : reading.tests) out.tests.push_back(in(to, test));
    out.zones = to.zones;
    out.compartments = to.compartments;
    out.datasets = to.datasets;
    return out;
  }

  Catalogue catalogue;
  Translation of_before;
  Translation of_after;

 private:
  static bool always(NameIndex, NameIndex) { return true; }

  /// A later name takes an earlier one's place when its id is the same, and it says the same.
  template <class Same = decltype(&always)>
  Done join_list(NameList Catalogue::* list, Places Translation::* places, Same same = &always) {
    const NameList& old = before_.*list;
    const NameList& now = after_.*list;
    NameList& all = catalogue.*list;
    std::map<std::string, NameIndex, std::less<>> known;
    for (const NameIndex index : old.indices()) {
      HANGU_TRY(const NameIndex at, all.add(old[index]));
      (of_before.*places).push_back(at);
      known.emplace(old[index].id, at);
    }
    for (const NameIndex index : now.indices()) {
      const auto at = known.find(now[index].id);
      if (at != known.end() && same(at->second, index)) {
        (of_after.*places).push_back(at->second);
        continue;
      }
      HANGU_TRY(const NameIndex added, add_other(all, now[index]));
      (of_after.*places).push_back(added);
    }
    return {};
  }

  /// A name that may look like an earlier one, which it is not.
  static Result<NameIndex> add_other(NameList& all, Named name) {
    if (const Result<NameIndex> added = all.add(name)) return *added;
    name.id += "(new)";
    if (!name.title_zh.empty()) name.title_zh += "(新)";
    if (!name.title_en.empty()) name.title_en += " (new)";
    return all.add(std::move(name));
  }

  void take_calendars() {
    catalogue.calendar_days.resize(catalogue.calendars.size());
    for (const NameIndex index : before_.calendars.indices())
      catalogue.calendar_days[of_before.calendars[index]] = before_.calendar_days[index];
    for (const NameIndex index : after_.calendars.indices())
      catalogue.calendar_days[of_after.calendars[index]] = after_.calendar_days[index];
  }

  void take_ceilings() {
    catalogue.ceilings.resize(catalogue.zones.size());
    for (const NameIndex index : before_.zones.indices())
      catalogue.ceilings[of_before.zones[index]] = before_.ceilings[index];
    for (const NameIndex index : after_.zones.indices())
      catalogue.ceilings[of_after.zones[index]] = after_.ceilings[index];
  }

  const Catalogue& before_;
  const Catalogue& after_;
};

}  // namespace

Result<Joint> joined(const PolicyReading& before, const Catalogue& of_before,
                     const PolicyReading& after, const Catalogue& of_after) {
  Joiner joiner(of_before, of_after);
  HANGU_CHECK(joiner.join());
  Joint out;
  out.before = joiner.side(before, joiner.of_before);
  out.after = joiner.side(after, joiner.of_after);
  out.catalogue = std::move(joiner.catalogue);
  return out;
}

}  // namespace hangu::policy
