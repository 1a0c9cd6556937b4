#include "policy/analysis/subtract.hpp"

#include <memory>

namespace hangu::policy {
namespace {

using Boxes = std::vector<const Shape*>;

/// A region and the boxes that may meet it, which it shares with its siblings.
struct Work {
  Region region;
  std::shared_ptr<const Boxes> boxes;
};

/// The boxes that meet the region, the one first that leaves the fewest pieces; nothing when one
/// holds all of the region.
std::optional<Boxes> meeting(const Region& region, const Boxes& boxes) {
  Boxes out;
  std::size_t fewest = kColumns + 1;
  for (const Shape* box : boxes) {
    if (!meets(region, *box)) continue;
    const std::size_t outside = columns_outside(region, *box);
    if (outside == 0) return std::nullopt;
    out.push_back(box);
    if (outside >= fewest) continue;
    fewest = outside;
    std::swap(out.front(), out.back());
  }
  return out;
}

}  // namespace

void subtract(Region region, Boxes boxes, Steps& steps,
              const std::function<bool(const Region&)>& see) {
  std::vector<Work> left;
  left.push_back({std::move(region), std::make_shared<const Boxes>(std::move(boxes))});
  while (!left.empty()) {
    const Work work = std::move(left.back());
    left.pop_back();
    if (!steps.take(work.boxes->size() + 1)) return;
    std::optional<Boxes> some = meeting(work.region, *work.boxes);
    if (!some) continue;
    if (some->empty()) {
      if (!see(work.region)) return;
      continue;
    }
    const Shape* first = some->front();
    some->erase(some->begin());
    const auto rest = std::make_shared<const Boxes>(*std::move(some));
    std::vector<Region> pieces = without(work.region, *first);
    if (!steps.take(rest->size(), pieces.size())) return;
    for (Region& piece : pieces) left.push_back({std::move(piece), rest});
  }
}

std::vector<Region> merged(std::vector<Region> regions) {
  for (std::size_t i = 0; i < regions.size(); ++i) {
    for (std::size_t j = i + 1; j < regions.size();) {
      const std::optional<Region> one = merged(regions[i], regions[j]);
      if (!one) {
        ++j;
        continue;
      }
      regions[i] = *one;
      regions.erase(regions.begin() + static_cast<std::ptrdiff_t>(j));
      j = i + 1;
    }
  }
  return regions;
}

}  // namespace hangu::policy
