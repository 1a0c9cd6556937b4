#pragma once
// Well-known binary geometry: the walker that proves a canonical one, and the rewriter that makes
// a canonical one from the dialects found in files.
//
// Canonical: ISO type codes (type + 1000 z + 2000 m), little-endian throughout, members with the
// dimensions of their parent, an empty point as quiet NaN (7ff8000000000000) in every coordinate,
// every other coordinate finite.

#include "base/bytes.hpp"
#include "plain/schema.hpp"

namespace hangu::plain {

/// Walks the whole of `wkb`. Errors: Malformed "geometry-malformed" (short, trailing bytes, not
/// canonical), "geometry-type-not-supported" (curves and surfaces), "geometry-not-finite",
/// "geometry-ring" (fewer than four points, or not closed), "geometry-line" (one point);
/// Exhausted "geometry-limit" (bytes, depth, parts, vertices). Thread: any.
[[nodiscard]] Result<Shape> walk_wkb(ByteView wkb);

/// WalkedGeometry is a canonical geometry with what walking it found; a view, not empty.
class WalkedGeometry {
 public:
  /// Errors: those of walk_wkb().
  [[nodiscard]] static Result<WalkedGeometry> walk(ByteView wkb);
  [[nodiscard]] ByteView wkb() const { return wkb_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }

 private:
  WalkedGeometry(ByteView wkb, const Shape& shape) : wkb_(wkb), shape_(shape) {}
  ByteView wkb_;
  Shape shape_;
};

/// Appends the canonical form of `foreign` to `out`: either byte order, also mixed, ISO type codes
/// or the older 2.5D flag (0x80000000). What is canonical already stays as it is. Checks structure
/// only: walk the outcome. Errors: Malformed
/// "geometry-malformed", "geometry-type-not-supported"; Exhausted "geometry-limit".
[[nodiscard]] Done rewrite_wkb(ByteView foreign, Bytes& out);

}  // namespace hangu::plain
