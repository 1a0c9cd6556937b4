#pragma once
// The tables of a GeoPackage that describe it, and the SQL of all its tables, as one text each.
// Source: OGC 12-128r17 (GeoPackage 1.3), annexes C, D and F.3; the texts are GDAL's spelling.

#include <optional>
#include <vector>

#include "geo/spatial_index.hpp"
#include "geo/sqlite_pages.hpp"
#include "plain/schema.hpp"

namespace hangu::geo {

/// A layer as it was written.
struct WrittenLayer {
  plain::Layer layer;
  std::string key_column;       ///< "fid", with "_" appended until no field has the name
  std::string geometry_column;  ///< "geom" likewise; empty without geometry
  std::int32_t srs_id = 0;
  std::uint64_t features = 0;
  std::optional<plain::Box> extent;
  std::uint32_t root = 0;
  SpatialIndexRoots index;  ///< with geometry only
};

/// Names the columns of ours.
[[nodiscard]] WrittenLayer plan_layer(const plain::Layer& layer);

/// Gives each CRS its srs_id and keeps the rows of gpkg_spatial_ref_sys.
class SystemTable {
 public:
  struct System {
    std::int32_t srs_id = 0;
    plain::Crs crs;
  };
  [[nodiscard]] std::int32_t id_of(const plain::Crs& crs);
  [[nodiscard]] const std::vector<System>& systems() const { return systems_; }

 private:
  std::vector<System> systems_;  ///< by rising srs_id
  std::int32_t next_text_ = 1'000'001;
};

/// Writes the catalogue and ends the file; its size in bytes. Errors: Malformed
/// "crs-not-supported"; those of PageFile.
[[nodiscard]] Result<std::uint64_t> finish_geopackage(PageFile& file, const SystemTable& systems,
                                                      const std::vector<WrittenLayer>& layers);

}  // namespace hangu::geo
