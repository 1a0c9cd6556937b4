#pragma once
// What a GeoPackage says it holds: its layers, as plain form will have them, and where they lie.

#include <vector>

#include "geo/sqlite_input.hpp"
#include "plain/schema.hpp"

namespace hangu::geo {

/// A layer, its table and the columns to read, in the order of the fields.
struct LayerSource {
  plain::Layer layer;
  std::string key_column;       ///< integer primary key: the order of the features
  std::string geometry_column;  ///< empty for attributes
  std::int32_t srs_id = 0;
};

struct GeopackageSchema {
  std::vector<LayerSource> layers;  ///< in the order of gpkg_contents
  std::string left_behind;          ///< a sentence, or empty
};

/// Errors: Malformed "format-mismatch" (no GeoPackage), "gpkg-damaged", "gpkg-tiles-not-supported",
/// "gpkg-layer-not-table" (a view, a virtual table, nothing), "gpkg-no-primary-key",
/// "gpkg-generated-column", "field-type-not-supported", "geometry-type-not-supported",
/// "crs-not-supported", "plain-name"; those of SqliteQuery; Exhausted "plain-limit".
[[nodiscard]] Result<GeopackageSchema> read_schema(const SqliteInput& input);

}  // namespace hangu::geo
