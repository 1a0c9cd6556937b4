#pragma once
// The order in which sort-tile-recursive packs boxes into nodes: slices by x, in each by y.

#include <cstdint>
#include <span>
#include <vector>

namespace hangu::geo {

/// Twice the middle of a box.
struct TwiceMiddle {
  float x = 0;
  float y = 0;
};

/// tile_order returns the places of `boxes` so that runs of `node_entries` make good nodes. Of
/// boxes with an equal coordinate the earlier comes first; a NaN is larger, or smaller, than any
/// number.
///
/// Limits: 2^32 - 1 boxes. Memory: 24 bytes a box. Thread: any. Source: as spatial_index.hpp.
[[nodiscard]] std::vector<std::uint32_t> tile_order(std::span<const TwiceMiddle> boxes,
                                                    std::size_t node_entries);

}  // namespace hangu::geo
