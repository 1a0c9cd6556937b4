#pragma once
// Rules: what makes a sequence of records a plain form. Writer and Reader both go through here, so
// that nothing can be written which would not be read, and nothing read which breaks a rule.

#include <optional>
#include <span>

#include "plain/schema.hpp"
#include "plain/wkb.hpp"

namespace hangu::plain {

/// Rules follows one stream from its dataset to its trailer.
///
/// Errors of all: Malformed "plain-order" (a record out of place, missing or superfluous),
/// "plain-name" (empty, control characters, reserved prefix, used twice), "plain-schema",
/// "plain-value" (type, null, width, range, not finite, NUL in a text), "plain-raster",
/// "plain-tile", and those of walk_wkb() and "geometry-type-mismatch"; Exhausted "plain-limit".
/// Thread: one.
class Rules {
 public:
  [[nodiscard]] Done dataset(const Dataset& dataset);
  [[nodiscard]] Done layer(const Layer& layer);
  /// A feature or row of the last layer; the shape of its geometry.
  [[nodiscard]] Result<Shape> feature(std::span<const Value> values, ByteView geometry);
  [[nodiscard]] Done feature(std::span<const Value> values, const WalkedGeometry& geometry);
  [[nodiscard]] Done raster(const Raster& raster);
  [[nodiscard]] Done tile(const Tile& tile);
  /// Everything announced has come.
  [[nodiscard]] Done complete() const;

  [[nodiscard]] const Layer& current_layer() const { return *layer_; }
  [[nodiscard]] bool in_layer() const { return layer_.has_value(); }
  [[nodiscard]] const Raster& current_raster() const { return *raster_; }
  [[nodiscard]] bool in_raster() const { return raster_.has_value(); }
  [[nodiscard]] std::uint64_t features() const { return features_; }
  [[nodiscard]] std::uint64_t tiles() const { return tiles_; }

 private:
  [[nodiscard]] Done check_values(std::span<const Value> values) const;
  [[nodiscard]] Done check_shape(const Shape& shape) const;

  std::optional<Dataset> dataset_;
  std::optional<Layer> layer_;
  std::optional<Raster> raster_;
  std::vector<std::string> layer_names_;  ///< folded
  TilePlace next_tile_;
  std::uint64_t features_ = 0;
  std::uint64_t tiles_ = 0;
};

/// True for a layer or field name that plain form takes: 1..kNameBytesMax bytes of UTF-8 without
/// control characters or white space at the ends.
[[nodiscard]] bool is_name(std::string_view text);
/// Lower case of A..Z: names that are equal so are the same to SQLite.
[[nodiscard]] std::string fold_name(std::string_view text);
/// The one NaN that samples and no-data values may have.
[[nodiscard]] double canonical_nan();

}  // namespace hangu::plain
