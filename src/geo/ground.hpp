#pragma once
// Ground: where a box of a coordinate reference system lies on the earth.

#include "plain/facts.hpp"

namespace hangu::geo {

/// A ring around `box` in EPSG:4490. Systems on EPSG:4326 and EPSG:4490 only, which are the same to
/// within a metre: older datums need grids that no gateway has. A projected box is followed along
/// its edges at kGroundSteps points each, and is grown by twice what an edge may bow out between
/// them; every ring is grown by a centimetre, so that none is empty.
/// Nothing for any other system, a box that leaves the earth or reaches across the antimeridian, a
/// projected one longer than kGroundMetresMax or beyond kGroundNorthMax. Thread: any that may use
/// PROJ.
[[nodiscard]] std::optional<plain::GroundRing> ground_of(const plain::Crs& crs,
                                                         const plain::Box& box);

inline constexpr int kGroundSteps = 4;
inline constexpr double kGroundMetresMax = 2'000'000;
inline constexpr double kGroundNorthMax = 76;  ///< degrees; its tangent is 4

}  // namespace hangu::geo
