#include "policy/analysis/diff.hpp"

#include <algorithm>

#include "policy/analysis/diff_parts.hpp"

namespace hangu::policy {
namespace {

void say_incomplete(PolicyDiff& diff, const std::string& zh, const std::string& en) {
  diff.incomplete_zh += zh;
  diff.incomplete_en += (diff.incomplete_en.empty() ? "" : " ") + en;
}

}  // namespace

std::string_view to_text(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::newly_allowed: return "newly-allowed";
    case ChangeKind::weakened: return "weakened";
    case ChangeKind::newly_refused: return "newly-refused";
    case ChangeKind::strengthened: return "strengthened";
    case ChangeKind::notice: return "notice";
  }
  return "";
}

bool PolicyDiff::widens() const {
  return !complete() || std::ranges::any_of(changes, [](const Change& change) {
    return change.kind == ChangeKind::newly_allowed || change.kind == ChangeKind::weakened;
  });
}

bool PolicyDiff::concerns(const Change& change, const Request& request) const {
  return space && std::ranges::any_of(change.regions, [&](const Region& region) {
           return space->holds(region, request);
         });
}

PolicyDiff difference(const PolicyReading& before, const Catalogue& of_before,
                      const PolicyReading& after, const Catalogue& of_after) {
  PolicyDiff out;
  if (!before.problems.empty() || !after.problems.empty()) {
    say_incomplete(out, "有策略文件含错误,没有比较。",
                   "A policy file has errors, so nothing was compared.");
    return out;
  }
  Result<Joint> joint = joined(before, of_before, after, of_after);
  if (!joint) {
    say_incomplete(
        out, "两个目录的名称合不到一处:" + joint.error().context() + "。",
        "The names of the two catalogues cannot stand together: " + joint.error().context() + ".");
    return out;
  }
  const Pair pair{.before = before,
                  .of_before = of_before,
                  .after = after,
                  .of_after = of_after,
                  .joint = *joint};
  // The later one first: examples are of its time where they can be.
  const std::vector<Period> periods{{after.policy.effective, after.policy.expires},
                                    {before.policy.effective, before.policy.expires}};
  std::optional<Space> space =
      Space::cut(joint->before.book.rules(), joint->after.book.rules(), joint->catalogue, periods);
  if (!space) {
    say_incomplete(out, "规则把某一项条件切得过细,没有比较规则。",
                   "The rules cut a column into more parts than are looked at, so they were not "
                   "compared.");
  } else {
    out.space = std::make_shared<const Space>(*std::move(space));
    const Bounds met = compare_rules(pair, *out.space, out.changes);
    if (met.steps)
      say_incomplete(out, "规则过于交错,没有比较完:可能另有放宽之处。",
                     "The rules overlap too much to be compared to the end: more may be widened "
                     "than is said.");
    if (met.changes)
      say_incomplete(out, "差别过多,没有全部列出。", "The differences are more than are told.");
    if (met.unconfirmed)
      say_incomplete(out, "有例子没有得到规则的证实:比较的结果不可靠。",
                     "The rules do not answer some example as was found: the comparison cannot be "
                     "relied on.");
  }
  compare_guards(pair, out.changes);
  std::ranges::stable_sort(out.changes, {}, &Change::kind);
  out.catalogue = std::move(joint->catalogue);
  return out;
}

}  // namespace hangu::policy
