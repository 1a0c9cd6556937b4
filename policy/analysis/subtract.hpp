#pragma once
// Subtract: what is left of a region when boxes are taken out of it, exactly, within a number of
// steps.

#include <functional>
#include <vector>

#include "policy/analysis/region.hpp"

namespace hangu::policy {

/// Steps that may still be taken, of about 10 ns each.
class Steps {
 public:
  /// `weight`: how many 64s of atoms the columns have together.
  Steps(std::size_t left, std::size_t weight) : left_(left), weight_(weight) {}
  /// `looks`: boxes that may be held against a region; most of them end with the first column.
  /// False when no step is left, from then on.
  [[nodiscard]] bool take(std::size_t looks) {
    spent_ = spent_ || looks > left_;
    if (!spent_) left_ -= looks;
    return !spent_;
  }
  /// `meetings`: boxes that a region meets, with all their columns; `pieces`: regions made of it.
  [[nodiscard]] bool take(std::size_t meetings, std::size_t pieces) {
    constexpr std::size_t kMeeting = 2;
    constexpr std::size_t kPiece = 16;
    return take(weight_ * (kMeeting * meetings + kPiece * pieces));
  }
  [[nodiscard]] bool spent() const { return spent_; }

 private:
  std::size_t left_;
  std::size_t weight_;
  bool spent_ = false;
};

/// Calls `see` with pieces of the region that are in none of the boxes, all together all that
/// there is, until it returns false. Stops when steps are spent.
void subtract(Region region, std::vector<const Shape*> boxes, Steps& steps,
              const std::function<bool(const Region&)>& see);

/// Cuts the region by the shapes with these numbers, so that each part is in or out of each, and
/// calls `see` with the parts of which what gathered is not `enough`, until it returns false.
/// `gather(state, number)`: a part is in that shape. False when it was stopped, or no step is left.
template <class State, class Gather, class Enough>
[[nodiscard]] bool each_part(const Region& region, const std::vector<Shape>& shapes,
                             const std::vector<std::size_t>& numbers, Steps& steps, Gather gather,
                             Enough enough, const std::function<bool(const Region&)>& see) {
  struct Part {
    Region region;
    State state{};
    std::size_t next = 0;
  };
  std::vector<Part> left;
  left.push_back({.region = region});
  while (!left.empty()) {
    Part part = std::move(left.back());
    left.pop_back();
    if (!steps.take(1)) return false;
    if (enough(part.state)) continue;
    if (part.next == numbers.size()) {
      if (!see(part.region)) return false;
      continue;
    }
    const std::size_t number = numbers[part.next++];
    const Shape& shape = shapes[number];
    if (meets(part.region, shape)) {
      if (!steps.take(1, kColumns)) return false;
      for (Region& outside : without(part.region, shape))
        left.push_back({std::move(outside), part.state, part.next});
      part.region = both(part.region, shape);
      gather(part.state, number);
    }
    left.push_back(std::move(part));
  }
  return true;
}

/// Some of them as one, where that says the same.
[[nodiscard]] std::vector<Region> merged(std::vector<Region> regions);

}  // namespace hangu::policy
