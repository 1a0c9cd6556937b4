#include "geo/tile_order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include <catch2/catch.hpp>

namespace hangu::geo {
namespace {

constexpr std::size_t kNodeEntries = 51;

/// The same by comparing: all by x, then slices of whole nodes by y, the earlier first.
std::vector<std::uint32_t> by_comparing(const std::vector<TwiceMiddle>& boxes) {
  std::vector<std::uint32_t> order(boxes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](std::uint32_t a, std::uint32_t b) {
    return boxes[a].x != boxes[b].x ? boxes[a].x < boxes[b].x : a < b;
  });
  if (boxes.empty()) return order;
  const std::size_t nodes = (boxes.size() + kNodeEntries - 1) / kNodeEntries;
  const auto slices = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(nodes))));
  const std::size_t slice = (nodes + slices - 1) / slices * kNodeEntries;
  for (std::size_t begin = 0; begin < order.size(); begin += slice) {
    const std::size_t length = std::min(slice, order.size() - begin);
    std::ranges::sort(std::span(order).subspan(begin, length),
                      [&](std::uint32_t a, std::uint32_t b) {
                        return boxes[a].y != boxes[b].y ? boxes[a].y < boxes[b].y : a < b;
                      });
  }
  return order;
}

TEST_CASE("the order of tiles is that of comparing middles", "[geo]") {
  std::mt19937 random(23);
  const std::vector<float> special{0.0F,
                                   -0.0F,
                                   std::numeric_limits<float>::infinity(),
                                   -std::numeric_limits<float>::infinity(),
                                   std::numeric_limits<float>::denorm_min(),
                                   -std::numeric_limits<float>::denorm_min(),
                                   std::numeric_limits<float>::max(),
                                   std::numeric_limits<float>::lowest()};
  std::uniform_real_distribution<float> degree(-360, 360);
  for (const std::size_t count :
       std::initializer_list<std::size_t>{0, 1, 2, 51, 52, 1024, 1025, 5000, 130'000}) {
    for (const unsigned kind : {0U, 1U, 2U}) {
      INFO(count << " boxes of kind " << kind);
      const auto coordinate = [&] {
        if (kind == 0) return degree(random);
        if (kind == 1) return std::round(degree(random) / 90);  // few values
        return special[random() % special.size()];
      };
      std::vector<TwiceMiddle> boxes(count);
      for (TwiceMiddle& box : boxes) box = {coordinate(), coordinate()};
      CHECK(tile_order(boxes, kNodeEntries) == by_comparing(boxes));
    }
  }
}

TEST_CASE("boxes whose middle is no number have a place too", "[geo]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<TwiceMiddle> boxes(3000, {nan, nan});
  for (std::size_t i = 0; i < boxes.size(); i += 2) boxes[i] = {static_cast<float>(i), 1};
  std::vector<std::uint32_t> order = tile_order(boxes, kNodeEntries);
  std::ranges::sort(order);
  std::vector<std::uint32_t> all(boxes.size());
  std::iota(all.begin(), all.end(), 0U);
  CHECK(order == all);
}

}  // namespace
}  // namespace hangu::geo
