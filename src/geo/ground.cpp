#include "geo/ground.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include <ogr_spatialref.h>

#include "geo/crs.hpp"
#include "plain/crs_text.hpp"

namespace hangu::geo {
namespace {

constexpr std::uint32_t kWgs84 = 4326;
constexpr std::uint32_t kCgcs2000 = 4490;
constexpr double kEarthRadius = 6'371'000;  ///< metres
constexpr double kGridDegrees = 1e-7;       ///< about a centimetre
constexpr double kHalfTurn = 180;
constexpr double kPole = 90;
/// An edge of length L, in n parts, bows out by (L/n)²/8R times the tangent of its latitude, which
/// is 4 at most; this is twice that.
constexpr double kBowing = 2 * 4.0 / 8;

struct Destroy {
  void operator()(OGRCoordinateTransformation* made) const {
    OGRCoordinateTransformation::DestroyCT(made);
  }
};

/// EPSG code of the geographic system that `crs` stands on; 0 when it has none.
std::uint32_t base_code(const plain::Crs& crs, const OGRSpatialReference& geographic) {
  if (crs.kind == plain::Crs::Kind::text) {
    const auto numbers = plain::read_crs_text(crs.text);
    return numbers ? numbers->base : 0;
  }
  const char* const code = geographic.GetAuthorityCode(nullptr);
  return code == nullptr ? 0 : static_cast<std::uint32_t>(std::strtoul(code, nullptr, 10));
}

/// Along the edges, each corner once.
plain::GroundRing edges_of(const plain::Box& box, int steps) {
  plain::GroundRing out;
  const auto walk = [&](double x0, double y0, double x1, double y1) {
    for (int i = 0; i < steps; ++i) {
      out.push_back(x0 + (x1 - x0) * i / steps);
      out.push_back(y0 + (y1 - y0) * i / steps);
    }
  };
  walk(box.min_x, box.min_y, box.max_x, box.min_y);
  walk(box.max_x, box.min_y, box.max_x, box.max_y);
  walk(box.max_x, box.max_y, box.min_x, box.max_y);
  walk(box.min_x, box.max_y, box.min_x, box.min_y);
  return out;
}

plain::Box grown(const plain::Box& box, double by) {
  return {box.min_x - by, box.min_y - by, box.max_x + by, box.max_y + by};
}

double on_grid(double degrees) { return std::round(degrees / kGridDegrees) * kGridDegrees; }

std::optional<plain::GroundRing> geographic_ring(const plain::Box& box) {
  const bool on_earth = box.min_x >= -kHalfTurn && box.max_x <= kHalfTurn && box.min_y >= -kPole &&
                        box.max_y <= kPole;
  if (!on_earth) return std::nullopt;
  const plain::Box wide = grown(box, kGridDegrees);
  return edges_of({std::max(wide.min_x, -kHalfTurn), std::max(wide.min_y, -kPole),
                   std::min(wide.max_x, kHalfTurn), std::min(wide.max_y, kPole)},
                  1);
}

std::optional<plain::GroundRing> projected_ring(const plain::Box& box, OGRSpatialReference& system,
                                                OGRSpatialReference& geographic) {
  const double unit = system.GetLinearUnits();
  const double length = std::max(box.max_x - box.min_x, box.max_y - box.min_y) * unit;
  if (!(unit > 0) || !(length <= kGroundMetresMax)) return std::nullopt;
  const std::unique_ptr<OGRCoordinateTransformation, Destroy> to_ground(
      OGRCreateCoordinateTransformation(&system, &geographic));
  if (to_ground == nullptr) return std::nullopt;
  const double part = length / kGroundSteps;
  const double centimetre = 0.02;
  const plain::GroundRing flat = edges_of(
      grown(box, (kBowing * part * part / kEarthRadius + centimetre) / unit), kGroundSteps);
  plain::GroundRing out;
  for (std::size_t i = 0; i < flat.size(); i += 2) {
    double x = flat[i];
    double y = flat[i + 1];
    int good = 0;
    to_ground->Transform(1, &x, &y, nullptr, &good);
    const bool sound = good != 0 && std::abs(x) <= kHalfTurn && std::abs(y) <= kGroundNorthMax;
    if (!sound || (i > 0 && std::abs(x - out[i - 2]) > kPole)) return std::nullopt;
    out.push_back(on_grid(x));
    out.push_back(on_grid(y));
  }
  if (std::abs(out.front() - out[out.size() - 2]) > kPole) return std::nullopt;
  return out;
}

}  // namespace

std::optional<plain::GroundRing> ground_of(const plain::Crs& crs, const plain::Box& box) {
  OGRSpatialReference system;
  if (crs.kind == plain::Crs::Kind::none || !load_crs(crs, system)) return std::nullopt;
  const std::unique_ptr<OGRSpatialReference> geographic(system.CloneGeogCS());
  if (geographic == nullptr) return std::nullopt;
  const std::uint32_t base = base_code(crs, *geographic);
  if (base != kWgs84 && base != kCgcs2000) return std::nullopt;
  geographic->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  if (system.IsGeographic()) return geographic_ring(box);
  return system.IsProjected() ? projected_ring(box, system, *geographic) : std::nullopt;
}

}  // namespace hangu::geo
