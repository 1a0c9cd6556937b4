#include "mosaic/ground_area.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace hangu::mosaic {
namespace {

constexpr double kSemiMajor = 6'378'137;  ///< metres; GB 22021-2008, as GRS 80
constexpr double kFlattening = 1 / 298.257222101;
constexpr double kSquaredEccentricity = kFlattening * (2 - kFlattening);
constexpr double kRadians = std::numbers::pi / 180;
constexpr double kPieceDegrees = 1;  ///< of latitude; longer edges are integrated in pieces

/// Gauss-Legendre, three points of [0, 1].
struct Node {
  double at;
  double weight;
};
constexpr double kThird = 0.387298334620741688518;  ///< sqrt(3/5) / 2
constexpr std::array kNodes{Node{0.5 - kThird, 5.0 / 18}, Node{0.5, 8.0 / 18},
                            Node{0.5 + kThird, 5.0 / 18}};

/// Square metres between equator and `north`, of one radian of longitude.
double zone(double north) {
  static const double kEccentricity = std::sqrt(kSquaredEccentricity);
  const double s = std::sin(north * kRadians);
  const double q = (1 - kSquaredEccentricity) * (s / (1 - kSquaredEccentricity * s * s) +
                                                 std::atanh(kEccentricity * s) / kEccentricity);
  return kSemiMajor * kSemiMajor * q / 2;
}

double under_edge(const Point& from, const Point& to) {
  const double rise = to.north - from.north;
  const auto pieces = static_cast<int>(std::ceil(std::max(std::abs(rise) / kPieceDegrees, 1.0)));
  double mean = 0;
  for (int i = 0; i < pieces; ++i)
    for (const Node& node : kNodes)
      mean += node.weight * zone(from.north + rise * (i + node.at) / pieces);
  return (to.east - from.east) * kRadians * mean / pieces;
}

}  // namespace

double ground_area(std::span<const Point> ring) {
  double sum = 0;
  for (std::size_t i = 0; i < ring.size(); ++i)
    sum += under_edge(ring[i], ring[(i + 1) % ring.size()]);
  return std::abs(sum);
}

}  // namespace hangu::mosaic
