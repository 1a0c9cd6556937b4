#include "policy/analysis/contain.hpp"

#include <algorithm>

#include "policy/analysis/approvers.hpp"
#include "policy/analysis/boxes.hpp"

namespace hangu::policy {
namespace {

bool is_permit(const Rule& rule) { return rule.kind == RuleKind::permit; }

class Comparison {
 public:
  Comparison(const PolicyReading& parent, const PolicyReading& child)
      : parent_(parent), child_(child) {}

  std::vector<Excess> run() {
    compare_heads();
    compare_postures();
    for (const Rule& rule : child_.policy.book.rules())
      if (is_permit(rule)) compare_permit(rule);
    for (const Rule& rule : parent_.policy.book.rules())
      if (!is_permit(rule)) compare_forbid(rule);
    for (const Promise& promise : parent_.promises) compare_promise(promise);
    return std::move(found_);
  }

 private:
  void compare_heads() {
    const Policy& parent = parent_.policy;
    const Policy& child = child_.policy;
    if (child.parent != parent.name())
      found_.push_back(
          {"child-parent",
           {},
           {},
           false,
           "下级策略写的上级是“" + child.parent + "”,而不是 " + parent.name() + "。",
           "The child names \"" + child.parent + "\" as its parent, not " + parent.name() + "."});
    if (child.effective < parent.effective || child.expires > parent.expires)
      found_.push_back({"child-period",
                        {},
                        {},
                        false,
                        "下级策略的有效期超出上级:" + parent.effective.to_text() + " – " +
                            parent.expires.to_text() + "。",
                        "The child is in force when its parent is not: " +
                            parent.effective.to_text() + " – " + parent.expires.to_text() + "."});
    if (!parent.unwitnessed) return;
    const bool kept = child.unwitnessed && child.unwitnessed->after <= parent.unwitnessed->after &&
                      child.unwitnessed->secrecy <= parent.unwitnessed->secrecy &&
                      child.unwitnessed->grade <= parent.unwitnessed->grade;
    if (!kept)
      found_.push_back({"child-unwitnessed",
                        {},
                        {},
                        false,
                        "[unwitnessed] 不如上级严格。",
                        "[unwitnessed] is laxer than the parent's."});
  }

  void compare_postures() {
    if (!child_.policy.posture.holds_all_of(parent_.policy.posture))
      found_.push_back({"child-posture",
                        {},
                        {},
                        false,
                        "[posture] 不如上级严格。",
                        "[posture] is laxer than the parent's."});
  }

  /// What the child certainly demands wherever both hold a request.
  Obligations demands_where(const Rule& rule, const Rule& other) const {
    Obligations out = rule.obligations;
    for (const Rule& beside : child_.policy.book.rules())
      if (is_permit(beside) && both_within(rule.box, other.box, beside.box))
        out.join(beside.obligations);
    return out;
  }

  /// Some permit of the parent holds all of it, and what each that it meets demands is demanded.
  void compare_permit(const Rule& rule) {
    const auto& rules = parent_.policy.book.rules();
    const bool held = std::ranges::any_of(rules, [&](const Rule& other) {
      return is_permit(other) && permit_within(rule.box, other.box);
    });
    if (!held) {
      found_.push_back({"child-permits-more", rule.id, rule.place, false,
                        "上级没有一条规则允许它的全部。",
                        "No permit of the parent holds all of it."});
      return;
    }
    for (const Rule& other : rules) {
      if (!is_permit(other) || !permits_overlap(rule.box, other.box)) continue;
      const ApprovalDemand approvers{other.obligations.approver_roles, other.obligations.approvals};
      if (demands_all_of(demands_where(rule, other), other.obligations) &&
          meets(policy::demands_where(child_.policy.book, rule, other.box), approvers))
        continue;
      found_.push_back(
          {"child-demands-less", rule.id, rule.place, false,
           "在与上级规则" + other.id + "重叠处,要求少于它。",
           "Where it overlaps the parent's " + other.id + ", less is demanded than that demands."});
    }
  }

  void compare_forbid(const Rule& rule) {
    const auto& rules = child_.policy.book.rules();
    const bool kept = std::ranges::any_of(rules, [&](const Rule& other) {
      return !is_permit(other) && forbid_within(rule.box, other.box);
    });
    if (!kept)
      found_.push_back({"child-forbid-missing", rule.id, rule.place, true,
                        "下级没有一条规则禁止它禁止的全部。",
                        "No forbid of the child takes all that it takes."});
  }

  void compare_promise(const Promise& promise) {
    const bool kept = std::ranges::any_of(child_.promises, [&](const Promise& other) {
      return other.origin == promise.origin && other.reach == promise.reach &&
             other.declassified_by == promise.declassified_by &&
             other.approvals_min == promise.approvals_min;
    });
    if (!kept)
      found_.push_back({"child-promise-missing", promise.id, promise.place, true,
                        "下级没有这条承诺。", "The child has no such promise."});
  }

  const PolicyReading& parent_;
  const PolicyReading& child_;
  std::vector<Excess> found_;
};

}  // namespace

std::vector<Excess> excesses(const PolicyReading& parent, const PolicyReading& child) {
  return Comparison(parent, child).run();
}

}  // namespace hangu::policy
