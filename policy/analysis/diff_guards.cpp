// What guards the rules of a policy, and is otherwise in another: promises, tests, [unwitnessed],
// the period, the parent, the catalogue.

#include <algorithm>
#include <array>

#include "policy/analysis/diff_parts.hpp"
#include "policy/test_case_writer.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kNamesTold = 8;  ///< of a list of what changed

/// Whether everything that `other` says no, `promise` says no to as well.
bool promises_all_of(const Promise& promise, const Promise& other) {
  const Origin& one = promise.origin;
  const Origin& two = other.origin;
  const bool origin = one.zones.contains_all(two.zones) && one.secrecy_min <= two.secrecy_min &&
                      one.grade_min <= two.grade_min &&
                      (!one.dataset || (two.dataset && one.dataset->contains_all(*two.dataset))) &&
                      two.within.contains_all(one.within);
  const bool unless =
      promise.is_absolute() ||
      (!other.is_absolute() && promise.declassified_by.contains_all(other.declassified_by) &&
       promise.approvals_min >= other.approvals_min);
  return origin && unless && promise.reach.contains_all(other.reach);
}

/// Whether an answer that `expect` refuses, `other` refuses as well: then a test for a test.
bool expects_all_of(const Expectation& expect, const Expectation& other) {
  if (!expect.allowed) return true;  // nothing is let through by it
  return other.allowed && (expect.rules || !other.rules) &&
         (!other.approvals || (expect.approvals && *expect.approvals >= *other.approvals)) &&
         (!other.require || (expect.require && demands_all_of(*expect.require, *other.require)));
}

/// "a, b and 3 more", of ids.
class Names {
 public:
  void add(const std::string& name) {
    if (++count_ <= kNamesTold) text_ += (text_.empty() ? "" : ", ") + name;
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::string text() const {
    return count_ <= kNamesTold ? text_ : text_ + ", … (" + std::to_string(count_) + ")";
  }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

class GuardDiff {
 public:
  GuardDiff(const Pair& pair, std::vector<Change>& changes) : pair_(pair), changes_(changes) {}

  void run() {
    compare_promises();
    compare_tests();
    compare_unwitnessed();
    compare_postures();
    compare_heads();
    compare_ceilings();
    compare_products();
    compare_names(&Catalogue::compartments, "compartment", "知悉范围", "compartments");
    compare_names(&Catalogue::roles, "role", "岗位", "roles");
    compare_names(&Catalogue::node_levels, "node-level", "节点级别", "node levels");
    compare_definitions();
    compare_titles();
  }

 private:
  void add(ChangeKind kind, std::string code, std::string zh, std::string en,
           std::vector<Responsible> rules = {}) {
    Change change{.kind = kind, .code = std::move(code), .rules = std::move(rules)};
    change.zh = std::move(zh);
    change.en = std::move(en);
    changes_.push_back(std::move(change));
  }

  void compare_promises() {
    const auto& before = pair_.joint.before.promises;
    const auto& after = pair_.joint.after.promises;
    const auto kept = [](const Promise& promise, const std::vector<Promise>& others) {
      return std::ranges::any_of(
          others, [&](const Promise& other) { return promises_all_of(other, promise); });
    };
    for (const Promise& promise : before) {
      if (kept(promise, after)) continue;
      const bool there = std::ranges::find(after, promise.id, &Promise::id) != after.end();
      add(ChangeKind::weakened, "never",
          (there ? "承诺减弱:" : "承诺被删除:") + promise.id + ":" +
              sentence_of(promise, pair_.joint.catalogue, Tongue::zh),
          "The promise " + promise.id + (there ? " is softer: " : " is gone: ") +
              sentence_of(promise, pair_.joint.catalogue, Tongue::en),
          {{.in_new = false, .id = promise.id, .place = promise.place}});
    }
    for (const Promise& promise : after) {
      if (kept(promise, before)) continue;
      add(ChangeKind::strengthened, "never",
          "新承诺:" + promise.id + ":" + sentence_of(promise, pair_.joint.catalogue, Tongue::zh),
          "A promise more: " + promise.id + ": " +
              sentence_of(promise, pair_.joint.catalogue, Tongue::en),
          {{.in_new = true, .id = promise.id, .place = promise.place}});
    }
  }

  void compare_tests() {
    std::map<std::string, std::vector<const TestCase*>> now;
    for (const TestCase& test : pair_.joint.after.tests)
      now[given_text(test.given, pair_.joint.catalogue)].push_back(&test);
    for (const TestCase& test : pair_.joint.before.tests) {
      const auto same = now.find(given_text(test.given, pair_.joint.catalogue));
      const bool asked = same != now.end();
      if (asked && std::ranges::any_of(same->second, [&](const TestCase* other) {
            return expects_all_of(other->expect, test.expect);
          }))
        continue;
      add(ChangeKind::weakened, "test",
          (asked ? "测试的期望放宽:" : "测试被删除:") + test.id + ":" +
              to_text(test.expect, pair_.joint.catalogue) + "。",
          "The test " + test.id + (asked ? " expects less than: " : " is gone: ") +
              to_text(test.expect, pair_.joint.catalogue) + ".",
          {{.in_new = false, .id = test.id, .place = test.place}});
    }
  }

  void compare_unwitnessed() {
    const auto& before = pair_.before.policy.unwitnessed;
    const auto& after = pair_.after.policy.unwitnessed;
    const auto holds = [](const std::optional<Unwitnessed>& one,
                          const std::optional<Unwitnessed>& other) {
      return !other || (one && one->after <= other->after && one->secrecy <= other->secrecy &&
                        one->grade <= other->grade);
    };
    if (!holds(after, before))
      add(ChangeKind::weakened, "unwitnessed", "[unwitnessed] 放宽或被删除。",
          "[unwitnessed] is laxer, or gone.");
    else if (!holds(before, after))
      add(ChangeKind::strengthened, "unwitnessed", "[unwitnessed] 收紧。",
          "[unwitnessed] is stricter.");
  }

  void compare_postures() {
    const PostureRules& before = pair_.before.policy.posture;
    const PostureRules& after = pair_.after.policy.posture;
    if (!after.holds_all_of(before))
      add(ChangeKind::weakened, "posture", "[posture] 放宽或被删除。",
          "[posture] is laxer, or gone.");
    else if (!before.holds_all_of(after))
      add(ChangeKind::strengthened, "posture", "[posture] 收紧。", "[posture] is stricter.");
  }

  void compare_heads() {
    const Policy& before = pair_.before.policy;
    const Policy& after = pair_.after.policy;
    const std::string period = after.effective.to_text() + " – " + after.expires.to_text();
    if (after.effective < before.effective || after.expires > before.expires)
      add(ChangeKind::weakened, "period", "有效期超出原来的:" + period + "。",
          "It is in force when the old one is not: " + period + ".");
    else if (after.effective != before.effective || after.expires != before.expires)
      add(ChangeKind::strengthened, "period", "有效期缩短:" + period + "。",
          "It is in force for a shorter time: " + period + ".");
    if (after.parent == before.parent) return;
    const auto id_of = [](const std::string& parent) { return parent.substr(0, parent.find('@')); };
    const bool same = id_of(after.parent) == id_of(before.parent) || before.parent.empty();
    add(same ? ChangeKind::notice : ChangeKind::weakened, "parent",
        "上级策略由“" + before.parent + "”改为“" + after.parent + "”。",
        "Its parent was \"" + before.parent + "\" and is \"" + after.parent + "\".");
  }

  /// Calls `see` with the places of each name that both catalogues have.
  template <class See>
  void each_name(NameList Catalogue::* list, See see) const {
    std::map<std::string, NameIndex, std::less<>> now;
    const NameList& after = pair_.of_after.*list;
    for (const NameIndex index : after.indices()) now.emplace(after[index].id, index);
    const NameList& before = pair_.of_before.*list;
    for (const NameIndex index : before.indices())
      if (const auto at = now.find(before[index].id); at != now.end()) see(index, at->second);
  }

  void compare_ceilings() {
    Names raised;
    Names lowered;
    each_name(&Catalogue::zones, [&](NameIndex old, NameIndex now) {
      const Ceiling& before = pair_.of_before.ceilings[old];
      const Ceiling& after = pair_.of_after.ceilings[now];
      const std::string& id = pair_.of_after.zones[now].id;
      if (after.secrecy > before.secrecy || after.grade > before.grade) raised.add(id);
      if (after.secrecy < before.secrecy || after.grade < before.grade) lowered.add(id);
    });
    if (!raised.empty())
      add(ChangeKind::weakened, "ceiling", "区域的上限提高:" + raised.text() + "。",
          "Zones with a higher ceiling: " + raised.text() + ".");
    if (!lowered.empty())
      add(ChangeKind::strengthened, "ceiling", "区域的上限降低:" + lowered.text() + "。",
          "Zones with a lower ceiling: " + lowered.text() + ".");
  }

  /// The classes of a product in joint names. More of them match fewer permits and more forbids.
  static NameSet in(const std::vector<NameIndex>& places, const NameSet& names) {
    NameSet out;
    for (const NameIndex name : names) out.insert(places[name]);
    return out;
  }

  void compare_products() {
    Names looser;
    Names stricter;
    const auto& before = pair_.of_before.products;
    for (const auto& [product, classes] : pair_.of_after.products) {
      const NameSet now = in(pair_.joint.after.datasets, classes);
      const auto old = before.find(product);
      const NameSet was =
          old == before.end() ? NameSet{} : in(pair_.joint.before.datasets, old->second);
      if (now == was) continue;
      (!was.empty() && now.contains_all(was) ? stricter : looser).add(product);
    }
    for (const auto& [product, classes] : before)
      if (!pair_.of_after.products.contains(product)) stricter.add(product);
    if (!looser.empty())
      add(ChangeKind::weakened, "product", "产品归入的数据类别可能放宽:" + looser.text() + "。",
          "Products that are new, or of other classes, which may allow more: " + looser.text() +
              ".");
    if (!stricter.empty())
      add(ChangeKind::strengthened, "product",
          "产品被删除或归入更多数据类别:" + stricter.text() + "。",
          "Products that are gone, or of more classes: " + stricter.text() + ".");
  }

  /// What a catalogue does not know is refused, or counts as not known.
  void compare_names(NameList Catalogue::* list, const char* code, const char* zh, const char* en) {
    Names added;
    Names removed;
    const auto missing = [&](const Catalogue& one, const Catalogue& other, Names& out) {
      std::map<std::string_view, bool> known;
      for (const Named& name : other.*list) known[name.id] = true;
      for (const Named& name : one.*list)
        if (!known.contains(name.id)) out.add(name.id);
    };
    missing(pair_.of_after, pair_.of_before, added);
    missing(pair_.of_before, pair_.of_after, removed);
    if (!added.empty())
      add(ChangeKind::weakened, code,
          std::string("目录新增") + zh + ",未限定它的规则也会允许:" + added.text() + "。",
          std::string("New ") + en +
              " in the catalogue, which rules without that column allow: " + added.text() + ".");
    if (!removed.empty())
      add(ChangeKind::strengthened, code,
          std::string("目录删去") + zh + ":" + removed.text() + "。",
          std::string("Gone from the catalogue, of ") + en + ": " + removed.text() + ".");
  }

  void compare_definitions() {
    Names geometries;
    each_name(&Catalogue::area_sets, [&](NameIndex old, NameIndex now) {
      if (pair_.of_before.area_set_digests[old] != pair_.of_after.area_set_digests[now])
        geometries.add(pair_.of_after.area_sets[now].id);
    });
    if (!geometries.empty())
      add(ChangeKind::weakened, "area-set",
          "区域集的图形改变,规则比较时当作另一个区域集:" + geometries.text() + "。",
          "Area sets with another geometry, compared as other area sets: " + geometries.text() +
              ".");
    Names calendars;
    each_name(&Catalogue::calendars, [&](NameIndex old, NameIndex now) {
      const Calendar& before = pair_.of_before.calendar_days[old];
      const Calendar& after = pair_.of_after.calendar_days[now];
      if (before.offset != after.offset || before.weekdays != after.weekdays ||
          before.off != after.off || before.made != after.made)
        calendars.add(pair_.of_after.calendars[now].id);
    });
    if (!calendars.empty())
      add(ChangeKind::weakened, "calendar",
          "日历改变(有效期内对规则的影响已逐时比较):" + calendars.text() + "。",
          "Calendars with other days (what that does to the rules while they count is said "
          "above): " +
              calendars.text() + ".");
  }

  void compare_titles() {
    Names renamed;
    for (const auto list : {&Catalogue::zones, &Catalogue::datasets, &Catalogue::compartments,
                            &Catalogue::roles, &Catalogue::node_levels, &Catalogue::declassifiers,
                            &Catalogue::packs, &Catalogue::area_sets, &Catalogue::calendars})
      each_name(list, [&](NameIndex old, NameIndex now) {
        const Named& before = (pair_.of_before.*list)[old];
        const Named& after = (pair_.of_after.*list)[now];
        if (before.title_zh != after.title_zh || before.title_en != after.title_en)
          renamed.add(after.id);
      });
    if (!renamed.empty())
      add(ChangeKind::notice, "title", "名称的标题改变:" + renamed.text() + "。",
          "Names with other titles: " + renamed.text() + ".");
  }

  const Pair& pair_;
  std::vector<Change>& changes_;
};

}  // namespace

void compare_guards(const Pair& pair, std::vector<Change>& changes) {
  GuardDiff(pair, changes).run();
}

}  // namespace hangu::policy
