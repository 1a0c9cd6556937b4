#include "check/gpkg_schema.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "check/database.hpp"

namespace hangu::check {
namespace {

constexpr std::uint32_t kApplicationId = 0x47504b47;  // "GPKG"
constexpr std::uint32_t kUserVersion = 10300;
constexpr std::uint32_t kPageBytes = 4096;
constexpr std::int32_t kFirstTextId = 1'000'001;

// Source of the texts: OGC 12-128r17, annexes C, D and F.3, in the spelling of GDAL.
constexpr std::string_view kSystems =
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL,"
    "srs_id INTEGER NOT NULL PRIMARY KEY,organization TEXT NOT NULL,"
    "organization_coordsys_id INTEGER NOT NULL,definition TEXT NOT NULL,description TEXT";
constexpr std::string_view kContents =
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY,data_type TEXT NOT NULL,"
    "identifier TEXT UNIQUE,description TEXT DEFAULT '',"
    "last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),"
    "min_x DOUBLE, min_y DOUBLE,max_x DOUBLE, max_y DOUBLE,srs_id INTEGER,"
    "CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id))";
constexpr std::string_view kGeometryColumns =
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL,column_name TEXT NOT NULL,"
    "geometry_type_name TEXT NOT NULL,srs_id INTEGER NOT NULL,z TINYINT NOT NULL,"
    "m TINYINT NOT NULL,CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),"
    "CONSTRAINT uk_gc_table_name UNIQUE (table_name),"
    "CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),"
    "CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id))";
constexpr std::string_view kExtensions =
    "CREATE TABLE gpkg_extensions (table_name TEXT,column_name TEXT,extension_name TEXT NOT NULL,"
    "definition TEXT NOT NULL,scope TEXT NOT NULL,"
    "CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))";
constexpr std::string_view kSequence = "CREATE TABLE sqlite_sequence(name,seq)";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

/// A column name of ours that no field has.
std::string unused(std::string name, const std::vector<plain::Field>& fields) {
  while (
      std::ranges::any_of(fields, [&](const auto& field) { return lower(field.name) == name; })) {
    name += '_';
  }
  return name;
}

/// OGC 12-128r17, table 1; plain form has no other widths.
std::string sql_integer(std::uint32_t bits) {
  if (bits == 8) return "TINYINT";
  if (bits == 16) return "SMALLINT";
  return bits == 32 ? "MEDIUMINT" : "INTEGER";
}

std::string sql_type(const plain::Field& field) {
  std::string type;
  switch (field.type) {
    case plain::FieldType::integer: return sql_integer(field.width);
    case plain::FieldType::real: type = "REAL"; break;
    case plain::FieldType::text: type = "TEXT"; break;
    case plain::FieldType::date: type = "DATE"; break;
    case plain::FieldType::date_time: type = "DATETIME"; break;
    case plain::FieldType::boolean: type = "BOOLEAN"; break;
    case plain::FieldType::binary: type = "BLOB"; break;
  }
  return field.width == 0 ? type : type + "(" + std::to_string(field.width) + ")";
}

std::string_view sql_type(plain::GeometryType type) {
  switch (type) {
    case plain::GeometryType::none: break;
    case plain::GeometryType::any: return "GEOMETRY";
    case plain::GeometryType::point: return "POINT";
    case plain::GeometryType::line_string: return "LINESTRING";
    case plain::GeometryType::polygon: return "POLYGON";
    case plain::GeometryType::multi_point: return "MULTIPOINT";
    case plain::GeometryType::multi_line_string: return "MULTILINESTRING";
    case plain::GeometryType::multi_polygon: return "MULTIPOLYGON";
    case plain::GeometryType::collection: return "GEOMETRYCOLLECTION";
  }
  return "";
}

std::string layer_sql(const plain::Layer& layer, const GpkgLayer& names) {
  std::string sql = "CREATE TABLE " + quoted(layer.name) + " (" + quoted(names.key_column) +
                    " INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL";
  if (!names.geometry_column.empty()) {
    sql += ", " + quoted(names.geometry_column) + " " + std::string(sql_type(layer.geometry));
  }
  for (const plain::Field& field : layer.fields) {
    sql += ", " + quoted(field.name) + " " + sql_type(field);
    if (!field.nullable) sql += " NOT NULL";
  }
  return sql + ")";
}

/// The triggers of annex F.3, which keep the R-tree true while somebody edits.
std::vector<GpkgObject> triggers_of(const plain::Layer& layer, const GpkgLayer& names) {
  const std::string table = quoted(layer.name);
  const std::string geometry = quoted(names.geometry_column);
  const std::string id = quoted(names.key_column);
  const std::string index = quoted(names.index);
  const std::string there =
      "(NEW." + geometry + " NOTNULL AND NOT ST_IsEmpty(NEW." + geometry + "))";
  const std::string gone = "(NEW." + geometry + " ISNULL OR ST_IsEmpty(NEW." + geometry + "))";
  const std::string put = "INSERT OR REPLACE INTO " + index + " VALUES (NEW." + id +
                          ",ST_MinX(NEW." + geometry + "), ST_MaxX(NEW." + geometry +
                          "),ST_MinY(NEW." + geometry + "), ST_MaxY(NEW." + geometry + ")); ";
  const std::string drop = "DELETE FROM " + index + " WHERE id = OLD." + id + "; ";
  const std::string of =
      "AFTER UPDATE OF " + geometry + " ON " + table + " WHEN OLD." + id + " = NEW." + id + " AND ";
  const std::string moved =
      "AFTER UPDATE ON " + table + " WHEN OLD." + id + " != NEW." + id + " AND ";
  const std::array<std::pair<std::string_view, std::string>, 6> rows = {{
      {"_insert", "AFTER INSERT ON " + table + " WHEN (new." + geometry +
                      " NOT NULL AND NOT ST_IsEmpty(NEW." + geometry + ")) BEGIN " + put + "END"},
      {"_update1", of + there + " BEGIN " + put + "END"},
      {"_update2", of + gone + " BEGIN " + drop + "END"},
      {"_update3", moved + there + " BEGIN " + drop + put + "END"},
      {"_update4", moved + gone + " BEGIN DELETE FROM " + index + " WHERE id IN (OLD." + id +
                       ", NEW." + id + "); END"},
      {"_delete",
       "AFTER DELETE ON " + table + " WHEN old." + geometry + " NOT NULL BEGIN " + drop + "END"},
  }};
  std::vector<GpkgObject> out;
  for (const auto& [suffix, body] : rows) {
    const std::string name = names.index + std::string(suffix);
    out.push_back({"trigger", name, layer.name, "CREATE TRIGGER " + quoted(name) + " " + body});
  }
  return out;
}

GpkgObject table(const std::string& name, std::string sql, std::size_t columns,
                 std::size_t key_column = SIZE_MAX) {
  return {"table", name, name, std::move(sql), columns, key_column};
}

/// The index that the n-th constraint of a table makes: its columns, and the rowid.
GpkgObject constraint_index(const std::string& of, int n, std::size_t columns) {
  return {"index", "sqlite_autoindex_" + of + "_" + std::to_string(n), of, {}, columns + 1};
}

void plan_layer(const plain::Layer& layer, const GpkgLayer& names, std::vector<GpkgObject>& to) {
  const std::size_t geometry = names.geometry_column.empty() ? 0 : 1;
  to.push_back(table(layer.name, layer_sql(layer, names), 1 + geometry + layer.fields.size(), 0));
  if (geometry == 0) return;
  const std::string& index = names.index;
  to.push_back(table(
      index, "CREATE VIRTUAL TABLE " + quoted(index) + " USING rtree(id, minx, maxx, miny, maxy)",
      0));
  const auto shadow = [&](const std::string& suffix, const std::string& columns) {
    to.push_back(table(index + suffix, "CREATE TABLE " + quoted(index + suffix) + columns, 2, 0));
  };
  shadow("_rowid", "(rowid INTEGER PRIMARY KEY,nodeno)");
  shadow("_node", "(nodeno INTEGER PRIMARY KEY,data)");
  shadow("_parent", "(nodeno INTEGER PRIMARY KEY,parentnode)");
  std::ranges::move(triggers_of(layer, names), std::back_inserter(to));
}

void plan_systems(const Content& content, GpkgPlan& plan) {
  std::int32_t next_text = kFirstTextId;
  for (std::size_t i = 0; i < content.layers.size(); ++i) {
    const plain::Crs& crs = content.layers[i].crs;
    if (crs.kind == plain::Crs::Kind::none) continue;
    const auto known = std::ranges::find(plan.systems, crs);
    if (known != plan.systems.end()) {
      plan.layers[i].srs_id = plan.ids[static_cast<std::size_t>(known - plan.systems.begin())];
      continue;
    }
    const bool epsg = crs.kind == plain::Crs::Kind::epsg;
    const std::int32_t id = epsg ? static_cast<std::int32_t>(crs.code) : next_text++;
    const auto place = std::ranges::upper_bound(plan.ids, id) - plan.ids.begin();
    plan.ids.insert(plan.ids.begin() + place, id);
    plan.systems.insert(plan.systems.begin() + place, crs);
    plan.layers[i].srs_id = id;
    plan.has_wkt2 |= !epsg;
  }
}

std::unexpected<Error> wrong(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

bool is_counted(const SqliteTree& tree) {
  return tree.records == 0 ||
         (tree.first_rowid == 1 && tree.last_rowid == static_cast<std::int64_t>(tree.records));
}

Done check_records(const GpkgObject& wanted, const SqliteTree& tree) {
  if (tree.records == 0) return {};
  // A rowid that no column shows is the place in the order and nothing else.
  const bool hidden = wanted.type == "table" && wanted.key_column == SIZE_MAX;
  if (hidden && !is_counted(tree)) return wrong("gpkg-row-numbers", printable(wanted.name));
  if (tree.columns_min != wanted.columns || tree.columns_max != wanted.columns) {
    return wrong("gpkg-columns", printable(wanted.name));
  }
  if (wanted.key_column < wanted.columns && !tree.always_null[wanted.key_column]) {
    return wrong("gpkg-hidden-value", printable(wanted.name));
  }
  return {};
}

}  // namespace

GpkgPlan plan_geopackage(const Content& content, const SqliteLayout& layout) {
  GpkgPlan plan;
  for (const plain::Layer& layer : content.layers) {
    GpkgLayer names;
    names.key_column = unused("fid", layer.fields);
    if (layer.geometry != plain::GeometryType::none) {
      names.geometry_column = unused("geom", layer.fields);
      names.index = "rtree_" + layer.name + "_" + names.geometry_column;
    }
    plan.layers.push_back(std::move(names));
  }
  plan_systems(content, plan);
  // A code whose system WKT 1 cannot say needs WKT 2 as well, and only the writer can tell.
  const std::string wkt2 = std::string(kSystems) + ",definition_12_063 TEXT NOT NULL)";
  plan.has_wkt2 |= !layout.objects.empty() && layout.objects.front().sql == wkt2;

  std::vector<GpkgObject>& to = plan.objects;
  to.push_back(table("gpkg_spatial_ref_sys", plan.has_wkt2 ? wkt2 : std::string(kSystems) + ")",
                     plan.has_wkt2 ? 7 : 6, 1));
  to.push_back(table("gpkg_contents", std::string(kContents), 10));
  to.push_back(constraint_index("gpkg_contents", 1, 1));
  to.push_back(constraint_index("gpkg_contents", 2, 1));
  to.push_back(table("gpkg_geometry_columns", std::string(kGeometryColumns), 6));
  to.push_back(constraint_index("gpkg_geometry_columns", 1, 2));
  to.push_back(constraint_index("gpkg_geometry_columns", 2, 1));
  to.push_back(table("gpkg_extensions", std::string(kExtensions), 5));
  to.push_back(constraint_index("gpkg_extensions", 1, 3));
  to.push_back(table("sqlite_sequence", std::string(kSequence), 2));
  for (std::size_t i = 0; i < content.layers.size(); ++i) {
    plan_layer(content.layers[i], plan.layers[i], to);
  }
  return plan;
}

Done check_schema(const GpkgPlan& plan, const Content& content, const SqliteLayout& layout) {
  const SqliteHeader& header = layout.header;
  if (header.application_id != kApplicationId || header.user_version != kUserVersion ||
      header.page_bytes != kPageBytes || header.change_counter != 1 || header.schema_cookie != 1) {
    return wrong("gpkg-header", "identity, page size or counters");
  }
  if (!is_counted(layout.trees.front())) return wrong("gpkg-row-numbers", "sqlite_schema");
  for (std::size_t i = 0; i < std::min(plan.objects.size(), layout.objects.size()); ++i) {
    const GpkgObject& wanted = plan.objects[i];
    const SqliteObject& found = layout.objects[i];
    if (found.type != wanted.type || found.name != wanted.name || found.table != wanted.table ||
        found.sql != wanted.sql || (found.root != 0) != (wanted.columns != 0)) {
      return wrong("gpkg-schema", printable(found.type + " " + found.name) + " in place of " +
                                      printable(wanted.type + " " + wanted.name));
    }
    if (found.root != 0) HANGU_CHECK(check_records(wanted, *layout.find(found.root)));
  }
  if (layout.objects.size() != plan.objects.size()) {
    return wrong("gpkg-schema", std::to_string(layout.objects.size()) + " objects, " +
                                    std::to_string(plan.objects.size()) + " expected");
  }
  for (std::size_t i = 0; i < content.layers.size(); ++i) {
    const auto found =
        std::ranges::find(layout.objects, content.layers[i].name, &SqliteObject::name);
    if (!is_counted(*layout.find(found->root))) {
      return wrong("gpkg-row-numbers", printable(content.layers[i].name));
    }
  }
  return {};
}

}  // namespace hangu::check
