#pragma once
// Shapes: plane geometry in degrees by GEOS, on a grid of kGridDegrees. Nothing else includes it.

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "mosaic/footprint.hpp"

struct GEOSGeom_t;
struct GEOSContextHandle_HS;

namespace hangu::mosaic {

struct Bounds {
  double west = 0;
  double south = 0;
  double east = 0;
  double north = 0;
};

/// Shapes makes and compares polygons. Thread: one.
/// Errors of all: Internal "geometry-failed", with what GEOS says.
class Shapes {
 public:
  struct Destroy {
    GEOSContextHandle_HS* context = nullptr;
    void operator()(GEOSGeom_t* shape) const;
  };
  using Shape = std::unique_ptr<GEOSGeom_t, Destroy>;

  Shapes();
  Shapes(const Shapes&) = delete;
  Shapes& operator=(const Shapes&) = delete;
  ~Shapes();

  /// The polygon inside a ring, its points on the grid. Errors: Malformed "footprint-invalid" (a
  /// ring that crosses or touches itself, or encloses nothing).
  [[nodiscard]] Result<Shape> polygon(const Ring& ring);
  /// `shape` without what `others` cover.
  [[nodiscard]] Result<Shape> without(const Shape& shape, std::vector<Shape> others);
  /// Moved east by `degrees`.
  [[nodiscard]] Result<Shape> moved(const Shape& shape, double degrees);
  /// Those of `others` that are within `degrees` of `shape`, where a degree of longitude is as long
  /// as `shrink` of one of latitude; by their places in the list.
  [[nodiscard]] Result<std::vector<std::size_t>> near(const Shape& shape,
                                                      const std::vector<Shape>& others,
                                                      double shrink, double degrees);
  /// The polygons that it is made of; lines and points are left out.
  [[nodiscard]] Result<std::vector<Shape>> polygons(const Shape& shape);
  /// Square metres, holes taken off.
  [[nodiscard]] Result<double> area(const Shape& polygon);
  [[nodiscard]] Result<Bounds> bounds(const Shape& shape);
  /// As WKB, and from it. Errors of parse(): Corrupt "mosaic-corrupt".
  [[nodiscard]] Result<Bytes> to_bytes(const Shape& shape);
  [[nodiscard]] Result<Shape> parse(ByteView bytes);

 private:
  Shape own(GEOSGeom_t* shape) { return Shape(shape, Destroy{context_}); }
  Result<Shape> owned(GEOSGeom_t* shape);
  std::unexpected<Error> failed();
  Result<std::vector<Point>> points(const GEOSGeom_t* ring);

  GEOSContextHandle_HS* context_;
  std::string said_;  ///< by GEOS, of what failed last
};

}  // namespace hangu::mosaic
