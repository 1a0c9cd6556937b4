#include "geo/geopackage_reader.hpp"

#include <cmath>

#include "base/text.hpp"
#include "geo/geopackage_blob.hpp"
#include "geo/geopackage_schema.hpp"
#include "os/file.hpp"
#include "plain/civil_time.hpp"
#include "plain/wkb.hpp"
#include "plain/writer.hpp"

namespace hangu::geo {
namespace {

using plain::FieldType;
using Kind = SqliteQuery::Kind;

constexpr std::int64_t kExactIntegerMax = std::int64_t{1} << 53;  ///< of a binary64

/// The plain value of a column, or an error that says what stands there instead.
Result<plain::Value> value_of(const SqliteQuery& row, int column, FieldType type) {
  const Kind kind = row.kind(column);
  if (kind == Kind::null) return plain::Value();
  switch (type) {
    case FieldType::integer:
      if (kind == Kind::integer) return plain::Value(row.integer(column));
      break;
    case FieldType::real:
      if (kind == Kind::real) return plain::Value(row.real(column) + 0.0);  // no negative zero
      if (kind == Kind::integer && std::abs(row.integer(column)) <= kExactIntegerMax) {
        return plain::Value(static_cast<double>(row.integer(column)));
      }
      break;
    case FieldType::text:
      if (kind == Kind::text) return plain::Value(row.text(column));
      break;
    case FieldType::date:
      if (kind == Kind::text) {
        HANGU_TRY(const plain::Date date, plain::parse_date(row.text(column)));
        return plain::Value(date);
      }
      break;
    case FieldType::date_time:
      if (kind == Kind::text) {
        HANGU_TRY(const plain::DateTime time, plain::parse_date_time(row.text(column)));
        return plain::Value(time);
      }
      break;
    case FieldType::boolean:
      if (kind == Kind::integer && (row.integer(column) == 0 || row.integer(column) == 1)) {
        return plain::Value(row.integer(column) == 1);
      }
      break;
    case FieldType::binary:
      if (kind == Kind::bytes) return plain::Value(plain::Binary{row.bytes(column)});
      break;
  }
  return fail(ErrorCode::malformed, "gpkg-value", "not a " + std::string(to_text(type)));
}

/// LayerCopy reads one layer's rows.
class LayerCopy {
 public:
  LayerCopy(const LayerSource& source, plain::Writer& writer) : source_(source), writer_(writer) {}

  Done whole(const SqliteInput& input) {
    HANGU_CHECK(writer_.layer(source_.layer));
    HANGU_TRY(SqliteQuery query, input.query(select()));
    values_.resize(source_.layer.fields.size());
    while (true) {  // ends: the rows of a finite file, and plain::kFeaturesMax
      HANGU_TRY(const bool row, query.step());
      if (!row) return {};
      ++rows_;
      if (auto copied = copy(query); !copied) {
        return std::unexpected(copied.error().within(printable(source_.layer.name) + ", row " +
                                                     std::to_string(rows_)));
      }
    }
  }

 private:
  [[nodiscard]] std::string select() const {
    std::string sql = "SELECT ";
    sql += source_.geometry_column.empty() ? "NULL" : quoted(source_.geometry_column);
    for (const plain::Field& field : source_.layer.fields) sql += ", " + quoted(field.name);
    sql += " FROM " + quoted(source_.layer.name) + " ORDER BY " + quoted(source_.key_column);
    return sql;
  }

  Done copy(const SqliteQuery& row) {
    int column = 1;
    for (std::size_t i = 0; i < values_.size(); ++i, ++column) {
      auto value = value_of(row, column, source_.layer.fields[i].type);
      if (!value) {
        return std::unexpected(value.error().within(printable(source_.layer.fields[i].name)));
      }
      values_[i] = *value;
    }
    if (row.kind(0) == Kind::null) return put(ByteView());
    HANGU_TRY(const ByteView wkb, wkb_of(row));
    // Most geometries are canonical as they stand: one walk proves it.
    if (const auto walked = plain::WalkedGeometry::walk(wkb)) {
      return writer_.feature(values_, *walked);
    }
    rewritten_.clear();
    HANGU_CHECK(plain::rewrite_wkb(wkb, rewritten_));
    return put(rewritten_);
  }

  Done put(ByteView geometry) {
    HANGU_TRY([[maybe_unused]] const plain::Shape shape, writer_.feature(values_, geometry));
    return {};
  }

  Result<ByteView> wkb_of(const SqliteQuery& row) const {
    if (row.kind(0) != Kind::bytes) return fail(ErrorCode::malformed, "gpkg-value", "geometry");
    HANGU_TRY(const GeopackageBlob blob, parse_blob(row.bytes(0)));
    if (blob.srs_id != source_.srs_id) {
      return fail(ErrorCode::malformed, "gpkg-geometry-srs", std::to_string(blob.srs_id));
    }
    return blob.wkb;
  }

  const LayerSource& source_;
  plain::Writer& writer_;
  std::vector<plain::Value> values_;
  Bytes rewritten_;
  std::uint64_t rows_ = 0;
};

}  // namespace

Result<Outcome> read_geopackage(plain::Input input, os::FdView output) {
  HANGU_TRY(const SqliteInput file, SqliteInput::open(input));
  HANGU_TRY(const GeopackageSchema schema, read_schema(file));
  const plain::Dataset dataset{plain::DatasetKind::vector,
                               static_cast<std::uint32_t>(schema.layers.size())};
  HANGU_TRY(plain::Writer writer, plain::Writer::create(output, dataset, input.companion()));
  for (const LayerSource& source : schema.layers) {
    HANGU_CHECK(LayerCopy(source, writer).whole(file));
  }
  Outcome outcome;
  HANGU_TRY(outcome.trailer, writer.finish());
  outcome.output_bytes = writer.stored_bytes();
  HANGU_TRY(outcome.input_bytes, input.size());
  outcome.left_behind = schema.left_behind;
  return outcome;
}

}  // namespace hangu::geo
