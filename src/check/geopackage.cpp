// The checks of a GeoPackage: pages and bytes, schema, SQLite's own opinion, every value with the
// R-tree, and the tables that describe the rest.

#include <algorithm>
#include <future>

#include "base/text.hpp"
#include "check/civil.hpp"
#include "check/geometry.hpp"
#include "check/gpkg_catalogue.hpp"
#include "check/rtree.hpp"
#include "plain/writer.hpp"

namespace hangu::check {
namespace {

using wire::JsonObject;

std::unexpected<Error> differs(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

/// A cell as a value of the field's type; nothing when it is of another type or spelling.
std::optional<plain::Value> read_value(const Rows& rows, int column, plain::FieldType type) {
  const Cell cell = rows.cell(column);
  if (cell == Cell::null) return plain::Value();
  switch (type) {
    case plain::FieldType::integer:
      if (cell != Cell::integer) return std::nullopt;
      return rows.integer(column);
    case plain::FieldType::real:
      if (cell != Cell::real) return std::nullopt;
      return rows.real(column);
    case plain::FieldType::text:
      if (cell != Cell::text) return std::nullopt;
      return rows.text(column);
    case plain::FieldType::date: {
      const auto date = cell == Cell::text ? read_date(rows.text(column)) : std::nullopt;
      return date ? std::optional(plain::Value(*date)) : std::nullopt;
    }
    case plain::FieldType::date_time: {
      const auto time = cell == Cell::text ? read_date_time(rows.text(column)) : std::nullopt;
      return time ? std::optional(plain::Value(*time)) : std::nullopt;
    }
    case plain::FieldType::boolean:
      if (cell != Cell::integer || rows.integer(column) < 0 || rows.integer(column) > 1) {
        return std::nullopt;
      }
      return rows.integer(column) == 1;
    case plain::FieldType::binary:
      if (cell != Cell::bytes) return std::nullopt;
      return plain::Binary{rows.bytes(column)};
  }
  return std::nullopt;
}

/// Contents reads all layers through SQLite and makes the digest anew.
class Contents {
 public:
  Contents(const Database& database, const SqliteLayout& layout, const GpkgPlan& plan,
           const Content& content, plain::Writer digest)
      : database_(database),
        layout_(layout),
        plan_(plan),
        content_(content),
        digest_(std::move(digest)) {}

  Result<plain::Trailer> whole() {
    for (std::size_t i = 0; i < content_.layers.size(); ++i) HANGU_CHECK(layer(i));
    return digest_.finish();
  }
  [[nodiscard]] const std::vector<std::optional<plain::Box>>& extents() const { return extents_; }
  [[nodiscard]] std::uint64_t indexed() const { return indexed_; }

 private:
  [[nodiscard]] std::uint64_t records_of(const std::string& table) const {
    const auto object = std::ranges::find(layout_.objects, table, &SqliteObject::name);
    return layout_.find(object->root)->records;
  }

  Done layer(std::size_t i) {
    const plain::Layer& layer = content_.layers[i];
    const GpkgLayer& names = plan_.layers[i];
    HANGU_CHECK(digest_.layer(layer));
    extents_.emplace_back();
    const auto features = static_cast<std::int64_t>(records_of(layer.name));
    std::optional<RtreeReader> index;
    if (!names.index.empty()) {
      const RtreeCounts counts{records_of(names.index + "_node"),
                               records_of(names.index + "_rowid"),
                               records_of(names.index + "_parent")};
      HANGU_TRY(index, RtreeReader::open(database_, names.index, features, counts));
    }
    HANGU_TRY(Rows rows, database_.select("SELECT * FROM " + quoted(layer.name) + " ORDER BY " +
                                          quoted(names.key_column)));
    for (std::int64_t id = 1; id <= features; ++id) {
      HANGU_TRY(const bool there, rows.step());
      if (!there || rows.integer(0) != id) {
        return differs("rendition-count-differs", printable(layer.name));
      }
      if (auto good = feature(layer, names, rows, id, index); !good) {
        return std::unexpected(
            good.error().within(printable(layer.name) + ", feature " + std::to_string(id)));
      }
    }
    if (!index) return {};
    HANGU_CHECK(index->finish());
    indexed_ += index->entries();
    return {};
  }

  Done feature(const plain::Layer& layer, const GpkgLayer& names, const Rows& rows, std::int64_t id,
               std::optional<RtreeReader>& index) {
    GeometryBlob geometry;
    int column = 1;
    if (index) {
      const Cell cell = rows.cell(column);
      if (cell == Cell::bytes) {
        HANGU_TRY(geometry, read_geometry_blob(rows.bytes(column), names.srs_id));
      } else if (cell != Cell::null) {
        return differs("rendition-value-type", "geometry");
      }
      ++column;
      HANGU_CHECK(index->check_feature(id, geometry.box));
    }
    values_.clear();
    for (const plain::Field& field : layer.fields) {
      const auto value = read_value(rows, column++, field.type);
      if (!value) return differs("rendition-value-type", printable(field.name));
      values_.push_back(*value);
    }
    HANGU_TRY([[maybe_unused]] const plain::Shape shape, digest_.feature(values_, geometry.wkb));
    if (geometry.box) {
      auto& extent = extents_.back();
      if (!extent) extent = geometry.box;
      extent->join(*geometry.box);
    }
    return {};
  }

  const Database& database_;
  const SqliteLayout& layout_;
  const GpkgPlan& plan_;
  const Content& content_;
  plain::Writer digest_;
  std::vector<plain::Value> values_;
  std::vector<std::optional<plain::Box>> extents_;
  std::uint64_t indexed_ = 0;
};

Result<JsonObject> check_contents(const Database& database, const SqliteLayout& layout,
                                  const GpkgPlan& plan, const Content& content,
                                  os::Companion* companion,
                                  std::vector<std::optional<plain::Box>>& extents) {
  HANGU_TRY(plain::Writer digest, plain::Writer::digest_only(content.dataset, companion));
  Contents contents(database, layout, plan, content, std::move(digest));
  HANGU_TRY(const plain::Trailer trailer, contents.whole());
  HANGU_CHECK(compare(trailer, content.trailer));
  extents = contents.extents();
  return JsonObject{{"digest", to_hex(trailer.digest)},
                    {"features", trailer.features},
                    {"indexed", contents.indexed()}};
}

Result<JsonObject> check_pages(const ByteSource& source, const Result<SqliteLayout>& pages,
                               const Content& content) {
  if (content.dataset.kind == plain::DatasetKind::raster) {
    return differs("rendition-kind-differs", "a GeoPackage holds features and rows");
  }
  if (!pages) return std::unexpected(pages.error());
  return JsonObject{{"bytes", source.size()},
                    {"pages", pages->header.pages},
                    {"trees", pages->trees.size()},
                    {"zeros", pages->free_bytes}};
}

Done check_integrity(const ByteSource& source) {
  HANGU_TRY(const Database database, Database::open(source));
  return database.check_integrity();
}

}  // namespace

void check_geopackage(const ByteSource& source, const Result<SqliteLayout>& pages,
                      const Content& content, os::Companion* companion, Findings& findings) {
  if (!found(findings, "bytes", [&] { return check_pages(source, pages, content); })) return;
  const GpkgPlan plan = plan_geopackage(content, *pages);
  const bool known = found(findings, "schema", [&]() -> Result<JsonObject> {
    HANGU_CHECK(check_schema(plan, content, *pages));
    return JsonObject{{"objects", pages->objects.size()}, {"layers", content.layers.size()}};
  });
  if (!known) return;
  // Two looks through SQLite that need nothing of each other, side by side.
  std::future<Done> integrity = std::async(
      kBeside, [twin = std::shared_ptr(source.twin())] { return check_integrity(*twin); });
  Result<Database> database = Database::open(source);
  std::vector<std::optional<plain::Box>> extents;
  Result<JsonObject> contents =
      database ? check_contents(*database, *pages, plan, content, companion, extents)
               : Result<JsonObject>(std::unexpected(database.error()));
  [[maybe_unused]] const bool all =
      found(findings, "integrity",
            [&]() -> Result<JsonObject> {
              HANGU_CHECK(integrity.get());
              return JsonObject{{"answer", "ok"}};
            }) &&
      found(findings, "content", [&] { return contents; }) &&
      found(findings, "catalogue", [&]() -> Result<JsonObject> {
        HANGU_CHECK(check_catalogue(*database, plan, content, extents));
        return JsonObject{{"systems", plan.systems.size()}};
      });
}

}  // namespace hangu::check
