#pragma once
// The rows of the tables by which a GeoPackage describes itself, which must say what plain form
// says and nothing else.

#include <optional>

#include "check/database.hpp"
#include "check/gpkg_schema.hpp"

namespace hangu::check {

/// Compares every row of gpkg_spatial_ref_sys, gpkg_contents, gpkg_geometry_columns,
/// gpkg_extensions and sqlite_sequence. `extents` are measured of the features, per layer.
/// Errors: Malformed "gpkg-catalogue" (a row that differs, is missing or too much), "gpkg-crs"
/// (a definition that does not end with its code, or is not the text of plain form); those of
/// read_wkt(); those of Rows.
[[nodiscard]] Done check_catalogue(const Database& database, const GpkgPlan& plan,
                                   const Content& content,
                                   const std::vector<std::optional<plain::Box>>& extents);

}  // namespace hangu::check
