#pragma once
// Subtract: what is left of a region when boxes are taken out of it, exactly, within a number of
// steps.

#include <functional>
#include <vector>

#include "policy/analysis/region.hpp"

namespace hangu::policy {

/// Steps that may still be taken: one is a box held against a region.
class Steps {
 public:
  explicit Steps(std::size_t left) : left_(left) {}
  /// False when none is left, from then on.
  [[nodiscard]] bool take(std::size_t count) {
    spent_ = spent_ || count > left_;
    if (!spent_) left_ -= count;
    return !spent_;
  }
  [[nodiscard]] bool spent() const { return spent_; }

 private:
  std::size_t left_;
  bool spent_ = false;
};

/// Calls `see` with pieces of the region that are in none of the boxes, all together all that
/// there is, until it returns false. Stops when steps are spent.
void subtract(Region region, std::vector<const Shape*> boxes, Steps& steps,
              const std::function<bool(const Region&)>& see);

/// Some of them as one, where that says the same.
[[nodiscard]] std::vector<Region> merged(std::vector<Region> regions);

}  // namespace hangu::policy
