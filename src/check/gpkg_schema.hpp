#pragma once
// The schema that a GeoPackage rendition must have, to the letter: which tables, indexes and
// triggers, in which order, with which SQL. docs/protocols/check.md.

#include <string>
#include <vector>

#include "check/content.hpp"
#include "check/sqlite_walker.hpp"

namespace hangu::check {

/// The names and ids of one layer in the file.
struct GpkgLayer {
  std::string key_column;       ///< "fid", with "_" appended until no field is called so
  std::string geometry_column;  ///< "geom" likewise; empty for a layer without geometry
  std::string index;            ///< name of its R-tree; empty likewise
  std::int32_t srs_id = -1;
};

/// One row that sqlite_schema must have.
struct GpkgObject {
  std::string type;
  std::string name;
  std::string table;
  std::string sql;                    ///< empty for the indexes that a constraint makes
  std::size_t columns = 0;            ///< values in each of its records; 0: has no b-tree
  std::size_t key_column = SIZE_MAX;  ///< which value is null, as the rowid stands for it
};

struct GpkgPlan {
  std::vector<GpkgLayer> layers;    ///< as Content::layers
  std::vector<plain::Crs> systems;  ///< used ones but "none", by rising id
  std::vector<std::int32_t> ids;    ///< their srs_id
  std::vector<GpkgObject> objects;
  bool has_wkt2 = false;  ///< the column definition_12_063 is there
};

/// Plans for `content`; `layout` decides only whether WKT 2 stands in the file when both may be.
[[nodiscard]] GpkgPlan plan_geopackage(const Content& content, const SqliteLayout& layout);

/// Compares the walked file with the plan, row by row of sqlite_schema, and the records of each
/// b-tree with what its table may hold. Errors: Malformed "gpkg-header", "gpkg-schema",
/// "gpkg-columns" (more or fewer values than columns), "gpkg-hidden-value" (a value under a rowid),
/// "gpkg-row-numbers" (not 1, 2, … n).
[[nodiscard]] Done check_schema(const GpkgPlan& plan, const Content& content,
                                const SqliteLayout& layout);

}  // namespace hangu::check
