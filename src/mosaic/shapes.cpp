#include "mosaic/shapes.hpp"

#include <algorithm>
#include <cmath>

#include <geos_c.h>

#include "base/text.hpp"
#include "mosaic/ground_area.hpp"
#include "mosaic/limits.hpp"

namespace hangu::mosaic {
namespace {

constexpr std::size_t kSaidBytesMax = 200;

double on_grid(double degrees) { return std::round(degrees / kGridDegrees) * kGridDegrees; }

void hear(const char* message, void* into) {
  *static_cast<std::string*>(into) = printable(message, kSaidBytesMax);
}

struct DestroyPrepared {
  GEOSContextHandle_t context;
  void operator()(const GEOSPreparedGeometry* prepared) const {
    GEOSPreparedGeom_destroy_r(context, prepared);
  }
};
struct DestroyWriter {
  GEOSContextHandle_t context;
  void operator()(GEOSWKBWriter* writer) const { GEOSWKBWriter_destroy_r(context, writer); }
};
struct DestroyReader {
  GEOSContextHandle_t context;
  void operator()(GEOSWKBReader* reader) const { GEOSWKBReader_destroy_r(context, reader); }
};

int shrink_east(double* x, double*, void* factor) {
  *x *= *static_cast<const double*>(factor);
  return 1;
}
int move_east(double* x, double*, void* degrees) {
  *x += *static_cast<const double*>(degrees);
  return 1;
}

}  // namespace

void Shapes::Destroy::operator()(GEOSGeom_t* shape) const { GEOSGeom_destroy_r(context, shape); }

Shapes::Shapes() : context_(GEOS_init_r()) {
  HANGU_ASSERT(context_ != nullptr);
  GEOSContext_setErrorMessageHandler_r(context_, hear, &said_);
}
Shapes::~Shapes() { GEOS_finish_r(context_); }

std::unexpected<Error> Shapes::failed() {
  return fail(ErrorCode::internal, "geometry-failed", said_);
}

Result<Shapes::Shape> Shapes::owned(GEOSGeom_t* shape) {
  if (shape == nullptr) return failed();
  return own(shape);
}

Result<Shapes::Shape> Shapes::polygon(const Ring& ring) {
  std::vector<double> x;
  std::vector<double> y;
  for (const Point& point : ring) {
    x.push_back(on_grid(point.east));
    y.push_back(on_grid(point.north));
  }
  if (x.front() != x.back() || y.front() != y.back()) {
    x.push_back(x.front());
    y.push_back(y.front());
  }
  GEOSCoordSequence* const sequence = GEOSCoordSeq_copyFromArrays_r(
      context_, x.data(), y.data(), nullptr, nullptr, static_cast<unsigned>(x.size()));
  if (sequence == nullptr) return failed();
  GEOSGeom_t* const line = GEOSGeom_createLinearRing_r(context_, sequence);  // takes the sequence
  if (line == nullptr) return fail(ErrorCode::malformed, "footprint-invalid", said_);
  HANGU_TRY(Shape out, owned(GEOSGeom_createPolygon_r(context_, line, nullptr, 0)));
  if (GEOSisValid_r(context_, out.get()) != 1)
    return fail(ErrorCode::malformed, "footprint-invalid", "a ring that crosses itself");
  return out;
}

Result<Shapes::Shape> Shapes::without(const Shape& shape, std::vector<Shape> others) {
  std::vector<GEOSGeom_t*> members;
  members.reserve(others.size());
  for (Shape& other : others) members.push_back(other.release());
  HANGU_TRY(const Shape all,
            owned(GEOSGeom_createCollection_r(context_, GEOS_GEOMETRYCOLLECTION, members.data(),
                                              static_cast<unsigned>(members.size()))));
  HANGU_TRY(const Shape covered, owned(GEOSUnaryUnionPrec_r(context_, all.get(), kGridDegrees)));
  return owned(GEOSDifferencePrec_r(context_, shape.get(), covered.get(), kGridDegrees));
}

Result<Shapes::Shape> Shapes::moved(const Shape& shape, double degrees) {
  return owned(GEOSGeom_transformXY_r(context_, shape.get(), move_east, &degrees));
}

Result<std::vector<std::size_t>> Shapes::near(const Shape& shape, const std::vector<Shape>& others,
                                              double shrink, double degrees) {
  HANGU_TRY(const Shape scaled,
            owned(GEOSGeom_transformXY_r(context_, shape.get(), shrink_east, &shrink)));
  const std::unique_ptr<const GEOSPreparedGeometry, DestroyPrepared> prepared(
      GEOSPrepare_r(context_, scaled.get()), DestroyPrepared{context_});
  if (prepared == nullptr) return failed();
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < others.size(); ++i) {
    HANGU_TRY(const Shape other,
              owned(GEOSGeom_transformXY_r(context_, others[i].get(), shrink_east, &shrink)));
    const char within =
        GEOSPreparedDistanceWithin_r(context_, prepared.get(), other.get(), degrees);
    if (within != 0 && within != 1) return failed();
    if (within == 1) out.push_back(i);
  }
  return out;
}

Result<std::vector<Shapes::Shape>> Shapes::polygons(const Shape& shape) {
  std::vector<Shape> out;
  const int count = GEOSGetNumGeometries_r(context_, shape.get());
  for (int i = 0; i < count; ++i) {
    const GEOSGeom_t* const part = GEOSGetGeometryN_r(context_, shape.get(), i);
    if (part == nullptr) return failed();
    if (GEOSGeomTypeId_r(context_, part) != GEOS_POLYGON || GEOSisEmpty_r(context_, part) != 0)
      continue;
    HANGU_TRY(Shape copy, owned(GEOSGeom_clone_r(context_, part)));
    out.push_back(std::move(copy));
  }
  return out;
}

Result<std::vector<Point>> Shapes::points(const GEOSGeom_t* ring) {
  const GEOSCoordSequence* const sequence = GEOSGeom_getCoordSeq_r(context_, ring);
  unsigned count = 0;
  if (sequence == nullptr || GEOSCoordSeq_getSize_r(context_, sequence, &count) != 1)
    return failed();
  std::vector<double> x(count);
  std::vector<double> y(count);
  if (GEOSCoordSeq_copyToArrays_r(context_, sequence, x.data(), y.data(), nullptr, nullptr) != 1)
    return failed();
  std::vector<Point> out;
  out.reserve(count);
  for (unsigned i = 0; i < count; ++i) out.push_back({x[i], y[i]});
  return out;
}

Result<double> Shapes::area(const Shape& polygon) {
  HANGU_TRY(const std::vector<Point> outer, points(GEOSGetExteriorRing_r(context_, polygon.get())));
  double out = ground_area(outer);
  const int holes = GEOSGetNumInteriorRings_r(context_, polygon.get());
  for (int i = 0; i < holes; ++i) {
    HANGU_TRY(const std::vector<Point> hole,
              points(GEOSGetInteriorRingN_r(context_, polygon.get(), i)));
    out -= ground_area(hole);
  }
  return out;
}

Result<Bounds> Shapes::bounds(const Shape& shape) {
  Bounds out;
  if (GEOSGeom_getXMin_r(context_, shape.get(), &out.west) != 1 ||
      GEOSGeom_getYMin_r(context_, shape.get(), &out.south) != 1 ||
      GEOSGeom_getXMax_r(context_, shape.get(), &out.east) != 1 ||
      GEOSGeom_getYMax_r(context_, shape.get(), &out.north) != 1)
    return failed();
  return out;
}

Result<Bytes> Shapes::to_bytes(const Shape& shape) {
  const std::unique_ptr<GEOSWKBWriter, DestroyWriter> writer(GEOSWKBWriter_create_r(context_),
                                                             DestroyWriter{context_});
  std::size_t size = 0;
  unsigned char* const made =
      writer ? GEOSWKBWriter_write_r(context_, writer.get(), shape.get(), &size) : nullptr;
  if (made == nullptr) return failed();
  Bytes out(size);
  std::transform(made, made + size, out.begin(), [](unsigned char c) { return std::byte{c}; });
  GEOSFree_r(context_, made);
  return out;
}

Result<Shapes::Shape> Shapes::parse(ByteView bytes) {
  const std::unique_ptr<GEOSWKBReader, DestroyReader> reader(GEOSWKBReader_create_r(context_),
                                                             DestroyReader{context_});
  if (reader == nullptr) return failed();
  std::vector<unsigned char> copy(bytes.size());
  std::ranges::transform(bytes, copy.begin(),
                         [](std::byte b) { return std::to_integer<unsigned char>(b); });
  GEOSGeom_t* const shape = GEOSWKBReader_read_r(context_, reader.get(), copy.data(), copy.size());
  if (shape == nullptr) return fail(ErrorCode::corrupt, "mosaic-corrupt", said_);
  return own(shape);
}

}  // namespace hangu::mosaic
