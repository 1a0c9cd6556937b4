#include "plain/rules.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/text.hpp"
#include "plain/civil_time.hpp"
#include "plain/crs_text.hpp"
#include "plain/wkb.hpp"

namespace hangu::plain {
namespace {

constexpr std::uint32_t kNanF32 = 0x7fc0'0000;
constexpr std::uint64_t kNanF64 = 0x7ff8'0000'0000'0000;
constexpr std::uint32_t kEpsgCodeMax = 999'999;

std::unexpected<Error> broken(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

/// A name that may be empty or end with a space, so that one sees it.
std::string quoted(std::string_view name) { return '"' + printable(name) + '"'; }

Done check_crs(const Crs& crs) {
  switch (crs.kind) {
    case Crs::Kind::none: return {};
    case Crs::Kind::epsg:
      if (crs.code == 0 || crs.code > kEpsgCodeMax) return broken("plain-schema", "EPSG code");
      return {};
    case Crs::Kind::text:
      if (!read_crs_text(crs.text)) return broken("plain-schema", "text of the CRS");
      return {};
  }
  return broken("plain-schema", "CRS");
}

Done check_layer_name(std::string_view name) {
  if (!is_name(name)) return broken("plain-name", quoted(name));
  const std::string folded = fold_name(name);
  for (const std::string_view prefix : {"sqlite_", "gpkg_", "rtree_"}) {
    if (folded.starts_with(prefix)) return broken("plain-name", quoted(name) + " is reserved");
  }
  return {};
}

bool has_width(FieldType type, std::uint32_t width) {
  if (width == 0 || type == FieldType::text || type == FieldType::binary) return true;
  return type == FieldType::integer && (width == 8 || width == 16 || width == 32);
}

Done check_fields(const Layer& layer) {
  if (layer.fields.size() > kFieldsMax) return fail(ErrorCode::exhausted, "plain-limit", "fields");
  std::vector<std::string> names;
  for (const Field& field : layer.fields) {
    if (!is_name(field.name))
      return broken("plain-name", "column " + quoted(field.name) + " of " + quoted(layer.name));
    if (!has_width(field.type, field.width)) {
      return broken("plain-schema", "width of " + printable(field.name));
    }
    names.push_back(fold_name(field.name));
  }
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
    return broken("plain-name",
                  "column " + quoted(*twice) + " of " + quoted(layer.name) + " twice");
  }
  return {};
}

/// Whether two's complement of so many bits (1..63) has the value.
bool fits_bits(std::int64_t value, std::uint32_t bits) {
  const std::int64_t limit = std::int64_t{1} << (bits - 1);
  return -limit <= value && value < limit;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

/// Whether a value that is not null may stand in a field; a word about why not, or empty.
struct CheckValue {
  const Field& field;
  std::string_view operator()(std::monostate) const {
    return field.nullable ? std::string_view() : "null";
  }
  std::string_view operator()(std::int64_t value) const {
    if (field.type != FieldType::integer) return "type";
    return field.width == 0 || fits_bits(value, field.width) ? "" : "wider than its field";
  }
  std::string_view operator()(double value) const {
    if (!std::isfinite(value)) return "not finite";
    if (value == 0 && std::signbit(value)) return "negative zero";
    return of(FieldType::real);
  }
  std::string_view operator()(std::string_view value) const {
    if (value.size() > kValueBytesMax) return "too long";
    if (value.find('\0') != std::string_view::npos) return "NUL in a text";
    if (!is_utf8(value)) return "not UTF-8";
    if (field.width != 0 && value.size() > field.width && code_points(value) > field.width) {
      return "wider than its field";
    }
    return of(FieldType::text);
  }
  std::string_view operator()(Date value) const {
    return in_range(value) ? of(FieldType::date) : "out of range";
  }
  std::string_view operator()(DateTime value) const {
    return in_range(value) ? of(FieldType::date_time) : "out of range";
  }
  std::string_view operator()(bool) const { return of(FieldType::boolean); }
  std::string_view operator()(Binary value) const {
    if (value.bytes.size() > kValueBytesMax) return "too long";
    if (field.width != 0 && value.bytes.size() > field.width) return "wider than its field";
    return of(FieldType::binary);
  }
  [[nodiscard]] std::string_view of(FieldType type) const {
    return type == field.type ? std::string_view() : "type";
  }
};

bool agrees(Presence presence, bool there) {
  return presence == Presence::optional || (presence == Presence::always) == there;
}

bool agrees(GeometryType layer, GeometryType feature) {
  if (layer == GeometryType::any || layer == feature) return true;
  return layer == GeometryType::collection &&
         (feature == GeometryType::multi_point || feature == GeometryType::multi_line_string ||
          feature == GeometryType::multi_polygon);
}

bool is_canonical_real(double value) {
  return !std::isnan(value) || std::bit_cast<std::uint64_t>(value) == kNanF64;
}

Done check_bands(const Raster& raster) {
  if (raster.bands.empty() || raster.bands.size() > kBandsMax) {
    return fail(ErrorCode::exhausted, "plain-limit", "bands");
  }
  bool has_palette = false;
  for (const Band& band : raster.bands) {
    has_palette |= band.colour == Colour::palette;
    if (band.no_data && !is_canonical_real(*band.no_data)) return broken("plain-raster", "NaN");
  }
  const bool may = raster.bands.size() == 1 &&
                   (raster.sample == SampleType::u8 || raster.sample == SampleType::u16);
  if (has_palette != !raster.palette.empty() || (has_palette && !may)) {
    return broken("plain-raster", "palette");
  }
  if (raster.palette.size() > (raster.sample == SampleType::u8 ? 256 : kPaletteMax)) {
    return fail(ErrorCode::exhausted, "plain-limit", "palette");
  }
  return {};
}

/// True when every NaN among the samples has the one permitted form.
template <class Float, class Word>
bool has_canonical_nans(ByteView samples, Word nan) {
  bool good = true;
  for (std::size_t i = 0; i < samples.size(); i += sizeof(Word)) {
    Word word;
    std::memcpy(&word, samples.data() + i, sizeof word);
    const Float value = std::bit_cast<Float>(word);
    good &= (value == value) | (word == nan);
  }
  return good;
}

}  // namespace

static_assert(std::endian::native == std::endian::little,
              "samples are taken as they lie in memory");

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && is_utf8(text) && text.front() != ' ' &&
         text.back() != ' ' &&
         std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; });
}

std::string fold_name(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

double canonical_nan() { return std::bit_cast<double>(kNanF64); }

Done Rules::dataset(const Dataset& dataset) {
  if (dataset_) return broken("plain-order", "a second dataset");
  const bool fits = dataset.kind == DatasetKind::raster  ? dataset.layers == 0
                    : dataset.kind == DatasetKind::table ? dataset.layers == 1
                                                         : dataset.layers > 0;
  if (!fits) return broken("plain-schema", "count of layers");
  if (dataset.layers > kLayersMax) return fail(ErrorCode::exhausted, "plain-limit", "layers");
  dataset_ = dataset;
  return {};
}

Done Rules::layer(const Layer& layer) {
  if (!dataset_ || layer_names_.size() >= dataset_->layers) return broken("plain-order", "layer");
  HANGU_CHECK(check_layer_name(layer.name));
  std::string folded = fold_name(layer.name);
  if (std::ranges::find(layer_names_, folded) != layer_names_.end()) {
    return broken("plain-name", printable(layer.name) + " twice");
  }
  HANGU_CHECK(check_crs(layer.crs));
  HANGU_CHECK(check_fields(layer));
  if (layer.geometry == GeometryType::none &&
      (layer.z != Presence::never || layer.m != Presence::never ||
       layer.crs.kind != Crs::Kind::none)) {
    return broken("plain-schema", "a layer without geometry has no dimensions and no CRS");
  }
  if (dataset_->kind == DatasetKind::table) {
    const bool plain =
        layer.geometry == GeometryType::none && !layer.fields.empty() &&
        std::ranges::all_of(layer.fields, [](const Field& field) {
          return field.type == FieldType::text && field.width == 0 && !field.nullable;
        });
    if (!plain) return broken("plain-schema", "a table has text columns only");
  }
  layer_names_.push_back(std::move(folded));
  layer_ = layer;
  return {};
}

Done Rules::check_values(std::span<const Value> values) const {
  if (!layer_) return broken("plain-order", "a feature before its layer");
  const Layer& layer = *layer_;
  if (features_ >= kFeaturesMax) return fail(ErrorCode::exhausted, "plain-limit", "features");
  if (values.size() != layer.fields.size()) return broken("plain-value", "count");
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string_view why = std::visit(CheckValue{layer.fields[i]}, values[i]);
    if (!why.empty()) {
      return broken("plain-value", printable(layer.name) + "." + printable(layer.fields[i].name) +
                                       ", record " + std::to_string(features_ + 1) + ": " +
                                       std::string(why));
    }
  }
  return {};
}

Done Rules::check_shape(const Shape& shape) const {
  const Layer& layer = *layer_;
  if (layer.geometry == GeometryType::none) return broken("plain-value", "geometry of a row");
  if (agrees(layer.geometry, shape.type) && agrees(layer.z, shape.z) && agrees(layer.m, shape.m)) {
    return {};
  }
  return broken("geometry-type-mismatch", printable(layer.name) + ", record " +
                                              std::to_string(features_ + 1) + ": " +
                                              std::string(to_text(shape.type)) +
                                              (shape.z ? " z" : "") + (shape.m ? " m" : ""));
}

Result<Shape> Rules::feature(std::span<const Value> values, ByteView geometry) {
  HANGU_CHECK(check_values(values));
  Shape shape;
  if (!geometry.empty()) {
    const Layer& layer = *layer_;
    if (layer.geometry == GeometryType::none) return broken("plain-value", "geometry of a row");
    auto walked = walk_wkb(geometry);
    if (!walked) {
      return std::unexpected(walked.error().within(printable(layer.name) + ", record " +
                                                   std::to_string(features_ + 1)));
    }
    shape = *walked;
    HANGU_CHECK(check_shape(shape));
  }
  ++features_;
  return shape;
}

Done Rules::feature(std::span<const Value> values, const WalkedGeometry& geometry) {
  HANGU_CHECK(check_values(values));
  HANGU_CHECK(check_shape(geometry.shape()));
  ++features_;
  return {};
}

Done Rules::raster(const Raster& raster) {
  if (!dataset_ || dataset_->kind != DatasetKind::raster || raster_) {
    return broken("plain-order", "raster");
  }
  if (raster.width == 0 || raster.height == 0) return broken("plain-raster", "size");
  HANGU_CHECK(check_bands(raster));
  if (raster.width > kRasterSideMax || raster.height > kRasterSideMax ||
      std::uint64_t{raster.width} * raster.height > kRasterSamplesMax / raster.bands.size()) {
    return fail(ErrorCode::exhausted, "plain-limit", "raster size");
  }
  HANGU_CHECK(check_crs(raster.crs));
  if (raster.transform) {
    const auto& t = *raster.transform;
    if (!std::ranges::all_of(t, [](double term) { return std::isfinite(term); }) ||
        t[1] * t[5] - t[2] * t[4] == 0) {
      return broken("plain-raster", "transform");
    }
  }
  raster_ = raster;
  return {};
}

Done Rules::tile(const Tile& tile) {
  if (!raster_ || next_tile_.row == raster_->tile_rows()) return broken("plain-order", "tile");
  if (tile.place != next_tile_) return broken("plain-tile", "out of order");
  const std::size_t bytes = std::size_t{tile_width(*raster_, tile.place)} *
                            tile_height(*raster_, tile.place) * bytes_of(raster_->sample);
  if (tile.samples.size() != bytes) return broken("plain-tile", "size");
  const bool canonical =
      raster_->sample == SampleType::f32   ? has_canonical_nans<float>(tile.samples, kNanF32)
      : raster_->sample == SampleType::f64 ? has_canonical_nans<double>(tile.samples, kNanF64)
                                           : true;
  if (!canonical) return broken("plain-tile", "NaN with a payload");
  ++tiles_;
  if (++next_tile_.band == raster_->bands.size()) {
    next_tile_.band = 0;
    if (++next_tile_.column == raster_->tile_columns()) {
      next_tile_.column = 0;
      ++next_tile_.row;
    }
  }
  return {};
}

Done Rules::complete() const {
  if (!dataset_) return broken("plain-order", "no dataset");
  if (layer_names_.size() != dataset_->layers) return broken("plain-order", "layers are missing");
  if (dataset_->kind == DatasetKind::raster &&
      (!raster_ || next_tile_.row != raster_->tile_rows())) {
    return broken("plain-order", "tiles are missing");
  }
  return {};
}

}  // namespace hangu::plain
