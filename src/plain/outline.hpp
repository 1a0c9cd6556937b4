#pragma once
// Outline: what a plain form holds, without its features and samples.

#include <vector>

#include "plain/input.hpp"
#include "plain/schema.hpp"

namespace hangu::plain {

struct Outline {
  Dataset dataset;
  std::vector<Layer> layers;
  std::vector<std::uint64_t> features;  ///< of each layer
  Raster raster;                        ///< raster only
  Trailer trailer;
};

/// Reads a whole plain form and proves by digest and counts which records it has; of features, rows
/// and tiles only that they stand in their place. That is enough for who makes the same records
/// anew from something else, by the rules (Writer::digest_only), and finds the same digest: then
/// these are records that keep the rules. For everybody else there is Reader.
/// Errors: as Reader, but for those of features, rows and tiles. Memory: as Reader.
[[nodiscard]] Result<Outline> read_outline(Input input);

}  // namespace hangu::plain
