#include "geo/geopackage_catalogue.hpp"

#include <algorithm>
#include <array>

#include "geo/crs.hpp"
#include "geo/sqlite_input.hpp"
#include "plain/rules.hpp"

namespace hangu::geo {
namespace {

constexpr SqliteIdentity kIdentity{0x47504b47, 10300};  // "GPKG", 1.3.0
constexpr std::string_view kLastChange = "1970-01-01T00:00:00.000Z";

constexpr std::string_view kSystemsSql =
    "CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL,srs_id INTEGER NOT NULL PRIMARY KEY,"
    "organization TEXT NOT NULL,organization_coordsys_id INTEGER NOT NULL,definition TEXT NOT NULL,"
    "description TEXT";
constexpr std::string_view kContentsSql =
    "CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY,data_type TEXT NOT NULL,"
    "identifier TEXT UNIQUE,description TEXT DEFAULT '',last_change DATETIME NOT NULL DEFAULT "
    "(strftime('%Y-%m-%dT%H:%M:%fZ','now')),min_x DOUBLE, min_y DOUBLE,max_x DOUBLE, max_y DOUBLE,"
    "srs_id INTEGER,CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES "
    "gpkg_spatial_ref_sys(srs_id))";
constexpr std::string_view kGeometryColumnsSql =
    "CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL,column_name TEXT NOT NULL,"
    "geometry_type_name TEXT NOT NULL,srs_id INTEGER NOT NULL,z TINYINT NOT NULL,m TINYINT NOT "
    "NULL,CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),CONSTRAINT "
    "uk_gc_table_name UNIQUE (table_name),CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES "
    "gpkg_contents(table_name),CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES "
    "gpkg_spatial_ref_sys (srs_id))";
constexpr std::string_view kExtensionsSql =
    "CREATE TABLE gpkg_extensions (table_name TEXT,column_name TEXT,extension_name TEXT NOT NULL,"
    "definition TEXT NOT NULL,scope TEXT NOT NULL,CONSTRAINT ge_tce UNIQUE (table_name, "
    "column_name, extension_name))";
constexpr std::string_view kSequenceSql = "CREATE TABLE sqlite_sequence(name,seq)";

constexpr auto kGeometryNames =
    std::to_array<std::string_view>({"", "GEOMETRY", "POINT", "LINESTRING", "POLYGON", "MULTIPOINT",
                                     "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"});

std::string_view geometry_name(plain::GeometryType type) {
  return kGeometryNames[static_cast<std::size_t>(type)];
}

std::string_view integer_type(std::uint32_t bits) {
  switch (bits) {
    case 8: return "TINYINT";
    case 16: return "SMALLINT";
    case 32: return "MEDIUMINT";
    default: return "INTEGER";
  }
}

std::string column_type(const plain::Field& field) {
  const std::string width = field.width == 0 ? "" : "(" + std::to_string(field.width) + ")";
  switch (field.type) {
    case plain::FieldType::integer: return std::string(integer_type(field.width));
    case plain::FieldType::real: return "REAL";
    case plain::FieldType::text: return "TEXT" + width;
    case plain::FieldType::date: return "DATE";
    case plain::FieldType::date_time: return "DATETIME";
    case plain::FieldType::boolean: return "BOOLEAN";
    case plain::FieldType::binary: return "BLOB" + width;
  }
  return {};
}

std::string layer_sql(const WrittenLayer& written) {
  std::string sql = "CREATE TABLE " + quoted(written.layer.name) + " (" +
                    quoted(written.key_column) + " INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL";
  if (!written.geometry_column.empty()) {
    sql += ", " + quoted(written.geometry_column) + " " +
           std::string(geometry_name(written.layer.geometry));
  }
  for (const plain::Field& field : written.layer.fields) {
    sql += ", " + quoted(field.name) + " " + column_type(field);
    if (!field.nullable) sql += " NOT NULL";
  }
  return sql + ")";
}

std::string free_name(std::string name, const std::vector<plain::Field>& fields) {
  const auto taken = [&] {
    return std::ranges::any_of(
        fields, [&](const plain::Field& field) { return plain::fold_name(field.name) == name; });
  };
  while (taken()) name += '_';
  return name;
}

std::string index_name(const WrittenLayer& written) {
  return "rtree_" + written.layer.name + "_" + written.geometry_column;
}

/// The triggers by which an editor keeps the index true (annex F.3); none of them runs here.
struct Trigger {
  std::string_view suffix;
  std::string_view event;  ///< with T table, C geometry column, I key column, R index
};
constexpr auto kTriggers = std::to_array<Trigger>({
    {"_insert",
     "AFTER INSERT ON $T WHEN (new.$C NOT NULL AND NOT ST_IsEmpty(NEW.$C)) BEGIN INSERT OR REPLACE "
     "INTO $R VALUES (NEW.$I,ST_MinX(NEW.$C), ST_MaxX(NEW.$C),ST_MinY(NEW.$C), ST_MaxY(NEW.$C)); "
     "END"},
    {"_update1",
     "AFTER UPDATE OF $C ON $T WHEN OLD.$I = NEW.$I AND (NEW.$C NOTNULL AND NOT "
     "ST_IsEmpty(NEW.$C)) BEGIN INSERT OR REPLACE INTO $R VALUES (NEW.$I,ST_MinX(NEW.$C), "
     "ST_MaxX(NEW.$C),ST_MinY(NEW.$C), ST_MaxY(NEW.$C)); END"},
    {"_update2",
     "AFTER UPDATE OF $C ON $T WHEN OLD.$I = NEW.$I AND (NEW.$C ISNULL OR ST_IsEmpty(NEW.$C)) "
     "BEGIN DELETE FROM $R WHERE id = OLD.$I; END"},
    {"_update3",
     "AFTER UPDATE ON $T WHEN OLD.$I != NEW.$I AND (NEW.$C NOTNULL AND NOT ST_IsEmpty(NEW.$C)) "
     "BEGIN DELETE FROM $R WHERE id = OLD.$I; INSERT OR REPLACE INTO $R VALUES "
     "(NEW.$I,ST_MinX(NEW.$C), ST_MaxX(NEW.$C),ST_MinY(NEW.$C), ST_MaxY(NEW.$C)); END"},
    {"_update4",
     "AFTER UPDATE ON $T WHEN OLD.$I != NEW.$I AND (NEW.$C ISNULL OR ST_IsEmpty(NEW.$C)) BEGIN "
     "DELETE FROM $R WHERE id IN (OLD.$I, NEW.$I); END"},
    {"_delete",
     "AFTER DELETE ON $T WHEN old.$C NOT NULL BEGIN DELETE FROM $R WHERE id = OLD.$I; END"},
});

std::string trigger_sql(const Trigger& trigger, const WrittenLayer& written) {
  std::string sql =
      "CREATE TRIGGER " + quoted(index_name(written) + std::string(trigger.suffix)) + " ";
  for (std::size_t i = 0; i < trigger.event.size(); ++i) {
    if (trigger.event[i] != '$') {
      sql += trigger.event[i];
      continue;
    }
    switch (trigger.event[++i]) {
      case 'T': sql += quoted(written.layer.name); break;
      case 'C': sql += quoted(written.geometry_column); break;
      case 'I': sql += quoted(written.key_column); break;
      default: sql += quoted(index_name(written)); break;
    }
  }
  return sql;
}

/// CatalogueTable is one of the describing tables: rows numbered from 1, and indexes over some of
/// its text columns.
class CatalogueTable {
 public:
  explicit CatalogueTable(PageFile& file) : file_(file), tree_(file) {}

  Done add(RecordWriter& record) { return tree_.add(++rows_, record.pieces()); }
  void index(std::size_t which, std::vector<std::string> key) {
    if (keys_.size() <= which) keys_.resize(which + 1);
    keys_[which].push_back({std::move(key), rows_});
  }
  /// Ends table and indexes; appends their schema rows.
  Done finish(const std::string& name, std::string sql, std::size_t indexes,
              std::vector<SchemaRow>& schema) {
    HANGU_TRY(const std::uint32_t root, tree_.finish());
    schema.push_back({"table", name, name, root, std::move(sql)});
    keys_.resize(indexes);
    for (std::size_t i = 0; i < indexes; ++i) {
      std::ranges::sort(keys_[i], {}, &Key::texts);
      std::vector<Bytes> records;
      for (const Key& key : keys_[i]) {
        RecordWriter record;
        for (const std::string& text : key.texts) record.text(text);
        record.integer(key.row);
        records.push_back(record.whole());
      }
      HANGU_TRY(const std::uint32_t index_root, put_index(file_, records));
      schema.push_back({"index",
                        "sqlite_autoindex_" + name + "_" + std::to_string(i + 1),
                        name,
                        index_root,
                        {}});
    }
    return {};
  }

 private:
  struct Key {
    std::vector<std::string> texts;
    std::int64_t row;
  };
  PageFile& file_;
  TableTree tree_;
  std::int64_t rows_ = 0;
  std::vector<std::vector<Key>> keys_;
};

/// Catalogue writes the describing tables in the order of their schema rows.
class Catalogue {
 public:
  Catalogue(PageFile& file, const SystemTable& systems, const std::vector<WrittenLayer>& layers)
      : file_(file), systems_(systems), layers_(layers) {}

  Result<std::uint64_t> whole() {
    HANGU_CHECK(put_systems());
    HANGU_CHECK(put_contents());
    HANGU_CHECK(put_geometry_columns());
    HANGU_CHECK(put_extensions());
    HANGU_CHECK(put_sequence());
    for (const WrittenLayer& layer : layers_) add_layer(layer);
    return finish_database(file_, schema_, kIdentity);
  }

 private:
  Done put_systems() {
    struct Row {
      std::int32_t srs_id;
      CrsTexts texts;
      std::string organization;
      std::int64_t code;
    };
    std::vector<Row> rows{{-1, {"Undefined Cartesian SRS", "undefined", "undefined"}, "NONE", -1},
                          {0, {"Undefined geographic SRS", "undefined", "undefined"}, "NONE", 0}};
    for (const auto& system : systems_.systems()) {
      HANGU_TRY(CrsTexts texts, crs_texts(system.crs));
      const bool epsg = system.crs.kind == plain::Crs::Kind::epsg;
      has_wkt2_ |= !epsg || texts.wkt1 == "undefined";
      rows.push_back({system.srs_id, std::move(texts), epsg ? "EPSG" : "NONE", system.srs_id});
    }
    TableTree tree(file_);
    for (const Row& row : rows) {
      RecordWriter record;
      record.text(row.texts.name).null().text(row.organization).integer(row.code);
      record.text(row.texts.wkt1).null();
      if (has_wkt2_) record.text(row.texts.wkt2);
      HANGU_CHECK(tree.add(row.srs_id, record.pieces()));
    }
    HANGU_TRY(const std::uint32_t root, tree.finish());
    std::string sql(kSystemsSql);
    sql += has_wkt2_ ? ",definition_12_063 TEXT NOT NULL)" : ")";
    schema_.push_back(
        {"table", "gpkg_spatial_ref_sys", "gpkg_spatial_ref_sys", root, std::move(sql)});
    return {};
  }

  Done put_contents() {
    CatalogueTable table(file_);
    for (const WrittenLayer& layer : layers_) {
      const bool features = !layer.geometry_column.empty();
      RecordWriter record;
      record.text(layer.layer.name).text(features ? "features" : "attributes");
      record.text(layer.layer.name).text("").text(kLastChange);
      if (layer.extent) {
        record.real(layer.extent->min_x).real(layer.extent->min_y);
        record.real(layer.extent->max_x).real(layer.extent->max_y);
      } else {
        record.null().null().null().null();
      }
      if (features) {
        record.integer(layer.srs_id);
      } else {
        record.null();
      }
      HANGU_CHECK(table.add(record));
      table.index(0, {layer.layer.name});
      table.index(1, {layer.layer.name});
    }
    return table.finish("gpkg_contents", std::string(kContentsSql), 2, schema_);
  }

  Done put_geometry_columns() {
    CatalogueTable table(file_);
    for (const WrittenLayer& layer : layers_) {
      if (layer.geometry_column.empty()) continue;
      RecordWriter record;
      record.text(layer.layer.name).text(layer.geometry_column);
      record.text(geometry_name(layer.layer.geometry)).integer(layer.srs_id);
      record.integer(static_cast<std::int64_t>(layer.layer.z));
      record.integer(static_cast<std::int64_t>(layer.layer.m));
      HANGU_CHECK(table.add(record));
      table.index(0, {layer.layer.name, layer.geometry_column});
      table.index(1, {layer.layer.name});
    }
    return table.finish("gpkg_geometry_columns", std::string(kGeometryColumnsSql), 2, schema_);
  }

  Done put_extensions() {
    CatalogueTable table(file_);
    const auto put = [&table](std::array<std::string_view, 5> texts) -> Done {
      RecordWriter record;
      for (const std::string_view text : texts) record.text(text);
      HANGU_CHECK(table.add(record));
      table.index(0, {std::string(texts[0]), std::string(texts[1]), std::string(texts[2])});
      return {};
    };
    if (has_wkt2_) {
      HANGU_CHECK(put({"gpkg_spatial_ref_sys", "definition_12_063", "gpkg_crs_wkt",
                       "http://www.geopackage.org/spec120/#extension_crs_wkt", "read-write"}));
    }
    for (const WrittenLayer& layer : layers_) {
      if (layer.geometry_column.empty()) continue;
      HANGU_CHECK(put({layer.layer.name, layer.geometry_column, "gpkg_rtree_index",
                       "http://www.geopackage.org/spec120/#extension_rtree", "write-only"}));
    }
    return table.finish("gpkg_extensions", std::string(kExtensionsSql), 1, schema_);
  }

  Done put_sequence() {
    CatalogueTable table(file_);
    for (const WrittenLayer& layer : layers_) {
      if (layer.features == 0) continue;
      RecordWriter record;
      record.text(layer.layer.name).integer(static_cast<std::int64_t>(layer.features));
      HANGU_CHECK(table.add(record));
    }
    return table.finish("sqlite_sequence", std::string(kSequenceSql), 0, schema_);
  }

  void add_layer(const WrittenLayer& layer) {
    const std::string& name = layer.layer.name;
    schema_.push_back({"table", name, name, layer.root, layer_sql(layer)});
    if (layer.geometry_column.empty()) return;
    const std::string index = index_name(layer);
    const auto table = [&](const std::string& suffix, std::string_view columns,
                           std::uint32_t root) {
      schema_.push_back({"table", index + suffix, index + suffix, root,
                         "CREATE TABLE " + quoted(index + suffix) + std::string(columns)});
    };
    schema_.push_back(
        {"table", index, index, 0,
         "CREATE VIRTUAL TABLE " + quoted(index) + " USING rtree(id, minx, maxx, miny, maxy)"});
    table("_rowid", "(rowid INTEGER PRIMARY KEY,nodeno)", layer.index.rowid);
    table("_node", "(nodeno INTEGER PRIMARY KEY,data)", layer.index.node);
    table("_parent", "(nodeno INTEGER PRIMARY KEY,parentnode)", layer.index.parent);
    for (const Trigger& trigger : kTriggers) {
      schema_.push_back(
          {"trigger", index + std::string(trigger.suffix), name, 0, trigger_sql(trigger, layer)});
    }
  }

  PageFile& file_;
  const SystemTable& systems_;
  const std::vector<WrittenLayer>& layers_;
  std::vector<SchemaRow> schema_;
  bool has_wkt2_ = false;
};

}  // namespace

WrittenLayer plan_layer(const plain::Layer& layer) {
  WrittenLayer written;
  written.layer = layer;
  written.key_column = free_name("fid", layer.fields);
  if (layer.geometry != plain::GeometryType::none) {
    written.geometry_column = free_name("geom", layer.fields);
  }
  return written;
}

std::int32_t SystemTable::id_of(const plain::Crs& crs) {
  if (crs.kind == plain::Crs::Kind::none) return -1;
  const auto known = std::ranges::find(systems_, crs, &System::crs);
  if (known != systems_.end()) return known->srs_id;
  const std::int32_t id =
      crs.kind == plain::Crs::Kind::epsg ? static_cast<std::int32_t>(crs.code) : next_text_++;
  systems_.insert(std::ranges::upper_bound(systems_, id, {}, &System::srs_id), {id, crs});
  return id;
}

Result<std::uint64_t> finish_geopackage(PageFile& file, const SystemTable& systems,
                                        const std::vector<WrittenLayer>& layers) {
  return Catalogue(file, systems, layers).whole();
}

}  // namespace hangu::geo
