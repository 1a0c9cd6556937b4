#include "geo/geopackage_schema.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>

#include "base/text.hpp"
#include "geo/crs.hpp"
#include "plain/rules.hpp"

namespace hangu::geo {
namespace {

using plain::FieldType;
using plain::GeometryType;

constexpr auto kApplicationIds = std::to_array<std::uint32_t>({
    0x47504b47,  // GPKG: 1.2 and later
    0x47503130,  // GP10
    0x47503131,  // GP11
});
constexpr std::size_t kTablesMax = 4096;  ///< rows of the schema table that are looked at

std::unexpected<Error> damaged(std::string what) {
  return fail(ErrorCode::malformed, "gpkg-damaged", std::move(what));
}

struct NamedType {
  std::string_view name;
  FieldType type;
  std::uint32_t width = 0;
};
// OGC 12-128r17, table 1.
constexpr auto kFieldTypes = std::to_array<NamedType>({{"BOOLEAN", FieldType::boolean},
                                                       {"TINYINT", FieldType::integer, 8},
                                                       {"SMALLINT", FieldType::integer, 16},
                                                       {"MEDIUMINT", FieldType::integer, 32},
                                                       {"INT", FieldType::integer},
                                                       {"INTEGER", FieldType::integer},
                                                       {"BIGINT", FieldType::integer},
                                                       {"FLOAT", FieldType::real},
                                                       {"DOUBLE", FieldType::real},
                                                       {"REAL", FieldType::real},
                                                       {"TEXT", FieldType::text},
                                                       {"VARCHAR", FieldType::text},
                                                       {"BLOB", FieldType::binary},
                                                       {"DATE", FieldType::date},
                                                       {"DATETIME", FieldType::date_time}});

constexpr auto kGeometryTypes =
    std::to_array<std::string_view>({"GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT",
                                     "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"});

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// "TEXT(20)" -> text of width 20; "SMALLINT" -> integer of width 16.
Result<plain::Field> field_of(std::string_view name, std::string_view declared, bool not_null) {
  const auto refused = [&] {
    return fail(ErrorCode::malformed, "field-type-not-supported",
                printable(name) + " " + printable(declared));
  };
  const std::string type = upper(declared);
  const std::size_t open = type.find('(');
  const std::string_view word = std::string_view(type).substr(0, open);
  const auto found = std::ranges::find(kFieldTypes, word, &NamedType::name);
  if (found == kFieldTypes.end()) return refused();
  plain::Field field{std::string(name), found->type, found->width, !not_null};
  if (open == std::string::npos) return field;
  const char* const end = type.data() + type.size();
  const auto [stop, error] = std::from_chars(type.data() + open + 1, end, field.width);
  const bool may = field.type == FieldType::text || field.type == FieldType::binary;
  if (!may || error != std::errc() || std::string_view(stop, end) != ")") return refused();
  return field;
}

Result<GeometryType> geometry_type_of(std::string_view name) {
  const auto found = std::ranges::find(kGeometryTypes, upper(name));
  if (found == kGeometryTypes.end()) {
    return fail(ErrorCode::malformed, "geometry-type-not-supported", printable(name));
  }
  return static_cast<GeometryType>(1 + (found - kGeometryTypes.begin()));
}

/// What sqlite_master says of one name.
struct SchemaObject {
  std::string name;
  std::string type;
  bool stored = false;  ///< has pages of its own (no view, no virtual table)
};

/// SchemaReader goes through the catalogue tables once.
class SchemaReader {
 public:
  explicit SchemaReader(const SqliteInput& input) : input_(input) {}

  Result<GeopackageSchema> whole() {
    HANGU_CHECK(read_objects());
    for (const std::string_view table : {"gpkg_contents", "gpkg_spatial_ref_sys"}) {
      if (!is_table(table))
        return fail(ErrorCode::malformed, "format-mismatch", std::string(table));
    }
    HANGU_TRY(SqliteQuery contents,
              input_.query("SELECT table_name, data_type FROM gpkg_contents ORDER BY rowid"));
    GeopackageSchema schema;
    while (true) {  // ends: bounded by kLayersMax
      HANGU_TRY(const bool row, contents.step());
      if (!row) break;
      if (schema.layers.size() == plain::kLayersMax) {
        return fail(ErrorCode::exhausted, "plain-limit", "layers");
      }
      HANGU_TRY(LayerSource layer,
                layer_of(std::string(contents.text(0)), std::string(contents.text(1))));
      carried_.push_back(plain::fold_name(layer.layer.name));
      schema.layers.push_back(std::move(layer));
    }
    if (schema.layers.empty()) return damaged("it has no layer");
    schema.left_behind = left_behind();
    return schema;
  }

 private:
  Done read_objects() {
    HANGU_TRY(SqliteQuery query,
              input_.query("SELECT name, type, rootpage FROM sqlite_master ORDER BY rowid"));
    while (true) {  // ends: bounded by kTablesMax
      HANGU_TRY(const bool row, query.step());
      if (!row) return {};
      if (objects_.size() == kTablesMax) return fail(ErrorCode::exhausted, "gpkg-limit", "tables");
      const bool stored = query.kind(2) == SqliteQuery::Kind::integer && query.integer(2) > 0;
      objects_.push_back({std::string(query.text(0)), std::string(query.text(1)), stored});
    }
  }

  [[nodiscard]] bool is_table(std::string_view name) const {
    return std::ranges::any_of(objects_, [&](const SchemaObject& object) {
      return object.type == "table" && object.stored &&
             plain::fold_name(object.name) == plain::fold_name(name);
    });
  }

  Result<LayerSource> layer_of(std::string name, const std::string& data_type) {
    if (data_type == "tiles" || data_type == "2d-gridded-coverage") {
      return fail(ErrorCode::malformed, "gpkg-tiles-not-supported", printable(name));
    }
    if (data_type != "features" && data_type != "attributes" && data_type != "aspatial") {
      return fail(ErrorCode::malformed, "gpkg-content-not-supported", printable(data_type));
    }
    if (!plain::is_name(name)) return fail(ErrorCode::malformed, "plain-name", printable(name));
    if (!is_table(name)) return fail(ErrorCode::malformed, "gpkg-layer-not-table", printable(name));
    LayerSource source;
    source.layer.name = std::move(name);
    if (data_type == "features") HANGU_CHECK(read_geometry_column(source));
    HANGU_CHECK(read_columns(source));
    return source;
  }

  Done read_geometry_column(LayerSource& source) {
    if (!is_table("gpkg_geometry_columns")) return damaged("no gpkg_geometry_columns");
    HANGU_TRY(SqliteQuery query,
              input_.query("SELECT column_name, geometry_type_name, srs_id, z, m FROM "
                           "gpkg_geometry_columns WHERE table_name = " +
                           literal(source.layer.name) + " COLLATE NOCASE"));
    HANGU_TRY(const bool row, query.step());
    if (!row) return damaged("no geometry column of " + printable(source.layer.name));
    plain::Layer& layer = source.layer;
    source.geometry_column = query.text(0);
    HANGU_TRY(layer.geometry, geometry_type_of(query.text(1)));
    const std::int64_t srs_id = query.integer(2);
    const std::int64_t z = query.integer(3);
    const std::int64_t m = query.integer(4);
    if (z < 0 || z > 2 || m < 0 || m > 2) return damaged("z or m of " + printable(layer.name));
    layer.z = static_cast<plain::Presence>(z);
    layer.m = static_cast<plain::Presence>(m);
    if (srs_id < std::numeric_limits<std::int32_t>::min() ||
        srs_id > std::numeric_limits<std::int32_t>::max()) {
      return damaged("srs_id");
    }
    source.srs_id = static_cast<std::int32_t>(srs_id);
    HANGU_TRY(const bool another, query.step());
    if (another) return damaged("two geometry columns of " + printable(layer.name));
    HANGU_TRY(layer.crs, crs_of_id(source.srs_id));
    return {};
  }

  Done read_columns(LayerSource& source) {
    const plain::Layer& layer = source.layer;
    HANGU_TRY(SqliteQuery query, input_.query("PRAGMA table_xinfo(" + quoted(layer.name) + ")"));
    const std::string geometry = plain::fold_name(source.geometry_column);
    bool has_geometry = geometry.empty();
    while (true) {  // ends: SQLite's own bound on columns
      HANGU_TRY(const bool row, query.step());
      if (!row) break;
      const std::string name(query.text(1));
      const std::string type(query.text(2));
      if (query.integer(6) != 0) {
        return fail(ErrorCode::malformed, "gpkg-generated-column", printable(name));
      }
      if (query.integer(5) != 0) {
        if (!source.key_column.empty() || upper(type) != "INTEGER") {
          return fail(ErrorCode::malformed, "gpkg-no-primary-key", printable(layer.name));
        }
        source.key_column = name;
      } else if (!geometry.empty() && plain::fold_name(name) == geometry) {
        has_geometry = true;
      } else {
        HANGU_TRY(plain::Field field, field_of(name, type, query.integer(3) != 0));
        source.layer.fields.push_back(std::move(field));
      }
    }
    if (source.key_column.empty()) {
      return fail(ErrorCode::malformed, "gpkg-no-primary-key", printable(layer.name));
    }
    if (!has_geometry) return damaged("no column " + printable(source.geometry_column));
    return {};
  }

  Result<plain::Crs> crs_of_id(std::int32_t srs_id) {
    if (srs_id == -1 || srs_id == 0) return plain::Crs{};
    if (const auto known = systems_.find(srs_id); known != systems_.end()) return known->second;
    HANGU_TRY(SqliteQuery query, input_.query("SELECT * FROM gpkg_spatial_ref_sys WHERE srs_id = " +
                                              std::to_string(srs_id)));
    HANGU_TRY(const bool row, query.step());
    // srs_name, srs_id, organization, organization_coordsys_id, definition, description and, with
    // the extension gpkg_crs_wkt, definition_12_063.
    if (!row || query.columns() < 6) return damaged("srs_id " + std::to_string(srs_id));
    HANGU_TRY(plain::Crs crs, upper(query.text(2)) == "EPSG" ? crs_of_epsg(query.integer(3))
                                                             : crs_of_definition(query));
    systems_.emplace(srs_id, crs);
    return crs;
  }

  static Result<plain::Crs> crs_of_definition(const SqliteQuery& query) {
    if (query.columns() > 6) {
      const std::string wkt2(query.text(6));
      if (!wkt2.empty() && wkt2 != "undefined") return crs_of_wkt(wkt2);
    }
    return crs_of_wkt(std::string(query.text(4)));
  }

  [[nodiscard]] std::string left_behind() const {
    std::map<std::string_view, std::size_t> counts;
    for (const SchemaObject& object : objects_) {
      const std::string name = plain::fold_name(object.name);
      const bool known = name.starts_with("gpkg_") || name.starts_with("sqlite_") ||
                         name.starts_with("rtree_") || object.type == "index" ||
                         std::ranges::find(carried_, name) != carried_.end();
      if (known && object.type != "trigger") continue;
      ++counts[object.type == "view"      ? "views"
               : object.type == "trigger" ? "triggers"
               : object.stored            ? "unregistered tables"
                                          : "virtual tables"];
    }
    std::string out;
    for (const auto& [what, count] : counts) {
      out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(what);
    }
    return out;
  }

  const SqliteInput& input_;
  std::vector<SchemaObject> objects_;
  std::map<std::int32_t, plain::Crs> systems_;
  std::vector<std::string> carried_;  ///< folded names of the layers
};

}  // namespace

Result<GeopackageSchema> read_schema(const SqliteInput& input) {
  if (std::ranges::find(kApplicationIds, input.application_id()) == kApplicationIds.end()) {
    return fail(ErrorCode::malformed, "format-mismatch", "an SQLite file, but no GeoPackage");
  }
  return SchemaReader(input).whole();
}

}  // namespace hangu::geo
