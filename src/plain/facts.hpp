#pragma once
// Facts: what is measured from plain form alone, for policy and people.

#include <functional>
#include <set>

#include "plain/reader.hpp"
#include "wire/json.hpp"

namespace hangu::plain {

/// The unit of a CRS' first two axes: metres, or degrees on the ground.
struct CrsUnit {
  bool geographic = false;
  double metres = 1;  ///< of one unit, when not geographic
};
/// Tells the unit of a CRS; nothing when it is not known. (The worker asks PROJ.)
using UnitOf = std::function<std::optional<CrsUnit>(const Crs&)>;

/// A ring on the ground: longitude and latitude in turn, degrees of EPSG:4490, not closed.
using GroundRing = std::vector<double>;
/// Tells a ring around all ground of a box of a CRS, no smaller than it; nothing where that cannot
/// be said to within a metre. (The worker asks PROJ.)
using GroundOf = std::function<std::optional<GroundRing>(const Crs&, const Box&)>;

struct LayerFacts {
  std::string name;
  GeometryType declared = GeometryType::none;
  Crs crs;
  std::size_t fields = 0;
  std::uint64_t features = 0;          ///< and rows
  std::uint64_t without_geometry = 0;  ///< null or empty
  std::uint64_t vertices = 0;
  std::set<GeometryType> types;  ///< found
  bool any_z = false;
  bool any_m = false;
  std::optional<Box> extent;  ///< in units of the CRS
};

struct RasterFacts {
  Raster raster;
  std::optional<Box> extent;           ///< in units of the CRS
  std::optional<double> pixel_across;  ///< in units of the CRS
  std::optional<double> pixel_down;
  std::optional<double> ground_resolution;  ///< metres; the finer of the two, at the centre
};

struct Facts {
  DatasetKind kind = DatasetKind::vector;
  std::vector<LayerFacts> layers;
  std::optional<RasterFacts> raster;
  /// All ground that the content covers, as at most kFootprintRingsMax rings that may overlap; none
  /// when it covers nothing, nothing when it is not known: of rows and features without a place, of
  /// a raster or CRS whose place is not known.
  std::optional<std::vector<GroundRing>> footprint;
  Trailer trailer;

  /// A closed, ordered object; docs/protocols/plain-form.md §7.
  [[nodiscard]] wire::Json to_json() const;
};

inline constexpr std::size_t kFootprintRingsMax = 32;  ///< of one dataset

/// Reads all of `input`, checking as it goes. Without `ground_of` the footprint is not known.
/// Errors: those of Reader.
[[nodiscard]] Result<Facts> measure(Input input, const UnitOf& unit_of,
                                    const GroundOf& ground_of = {});

}  // namespace hangu::plain
