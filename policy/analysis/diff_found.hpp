#pragma once
// What is found between two policies' rules before it is told; for diff_*.cpp only.

#include <optional>
#include <string>
#include <vector>

#include "policy/analysis/demand.hpp"
#include "policy/analysis/diff_parts.hpp"
#include "policy/approver_slots.hpp"

namespace hangu::policy {

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

}  // namespace hangu::policy
