#include "plain/records.hpp"

#include <bit>

namespace hangu::plain {
namespace {

std::unexpected<Error> bad_record(const Error& why) {
  return fail(ErrorCode::malformed, "plain-record", std::string(why.message()));
}

#define HANGU_FINISH_RECORD(reader) \
  if (const auto finished_ = (reader).finish(); !finished_) return bad_record(finished_.error())

void encode_crs(wire::Writer& to, const Crs& crs) {
  to.enumerated(crs.kind);
  if (crs.kind == Crs::Kind::epsg) to.u32(crs.code);
  if (crs.kind == Crs::Kind::text) to.text(crs.text);
}

Crs decode_crs(wire::Reader& from) {
  Crs crs;
  crs.kind = from.enumerated(Crs::Kind::text);
  if (crs.kind == Crs::Kind::epsg) crs.code = from.u32();
  if (crs.kind == Crs::Kind::text) crs.text = from.text(kCrsTextBytesMax);
  return crs;
}

/// Writes one value that is there; its type is the field's.
struct PutValue {
  wire::Writer& to;
  void operator()(std::monostate) const {}
  void operator()(std::int64_t value) const { to.u64(static_cast<std::uint64_t>(value)); }
  void operator()(double value) const { to.f64(value); }
  void operator()(std::string_view value) const { to.text(value); }
  void operator()(Date value) const { to.u32(static_cast<std::uint32_t>(value.days)); }
  void operator()(DateTime value) const { to.u64(static_cast<std::uint64_t>(value.milliseconds)); }
  void operator()(bool value) const { to.flag(value); }
  void operator()(Binary value) const { to.counted(value.bytes); }
};

Value get_value(wire::Reader& from, FieldType type) {
  switch (type) {
    case FieldType::integer: return static_cast<std::int64_t>(from.u64());
    case FieldType::real: return from.f64();
    case FieldType::text: return from.text(kValueBytesMax);
    case FieldType::date: return Date{static_cast<std::int32_t>(from.u32())};
    case FieldType::date_time: return DateTime{static_cast<std::int64_t>(from.u64())};
    case FieldType::boolean: return from.flag();
    case FieldType::binary: return Binary{from.counted(kValueBytesMax)};
  }
  return {};
}

}  // namespace

std::array<std::byte, kRecordHeadBytes> encode(const RecordHead& head) {
  std::array<std::byte, kRecordHeadBytes> bytes;
  bytes[0] = static_cast<std::byte>(head.type);
  store_u32(MutableByteView(bytes).subspan(1), head.length);
  return bytes;
}

Result<RecordHead> decode_head(ByteView bytes) {
  const auto type = std::to_integer<std::uint8_t>(bytes[0]);
  const std::uint32_t length = load_u32(bytes.subspan(1));
  if (type < 1 || type > static_cast<std::uint8_t>(RecordType::trailer)) {
    return fail(ErrorCode::malformed, "plain-record", "type " + std::to_string(type));
  }
  if (length > kRecordBytesMax) return fail(ErrorCode::exhausted, "plain-limit", "record");
  return RecordHead{static_cast<RecordType>(type), length};
}

void encode(wire::Writer& to, const Dataset& dataset) {
  to.u16(kFormatVersion).enumerated(dataset.kind).u32(dataset.layers);
}

Result<Dataset> decode_dataset(ByteView body) {
  wire::Reader from(body);
  const std::uint16_t version = from.u16();
  Dataset dataset;
  dataset.kind = from.enumerated(DatasetKind::table);
  dataset.layers = from.u32();
  HANGU_FINISH_RECORD(from);
  if (version != kFormatVersion) {
    return fail(ErrorCode::malformed, "plain-version", std::to_string(version));
  }
  return dataset;
}

void encode(wire::Writer& to, const Layer& layer) {
  to.text(layer.name).enumerated(layer.geometry).enumerated(layer.z).enumerated(layer.m);
  encode_crs(to, layer.crs);
  to.count(layer.fields.size());
  for (const Field& field : layer.fields) {
    to.text(field.name).enumerated(field.type).u32(field.width).flag(field.nullable);
  }
}

Result<Layer> decode_layer(ByteView body) {
  wire::Reader from(body);
  Layer layer;
  layer.name = from.text(kNameBytesMax);
  layer.geometry = from.enumerated(kLastGeometryType);
  layer.z = from.enumerated(Presence::optional);
  layer.m = from.enumerated(Presence::optional);
  layer.crs = decode_crs(from);
  const std::size_t fields = from.count(kFieldsMax);
  for (std::size_t i = 0; i < fields && !from.failed(); ++i) {
    Field field;
    field.name = from.text(kNameBytesMax);
    field.type = from.enumerated(FieldType::binary);
    field.width = from.u32();
    field.nullable = from.flag();
    layer.fields.push_back(std::move(field));
  }
  HANGU_FINISH_RECORD(from);
  return layer;
}

void encode(wire::Writer& to, const Raster& raster) {
  to.u32(raster.width).u32(raster.height).enumerated(raster.sample);
  to.flag(raster.transform.has_value());
  if (raster.transform) {
    for (const double term : *raster.transform) to.f64(term);
  }
  encode_crs(to, raster.crs);
  to.count(raster.bands.size());
  for (const Band& band : raster.bands) {
    to.enumerated(band.colour).flag(band.no_data.has_value());
    if (band.no_data) to.f64(*band.no_data);
  }
  to.count(raster.palette.size());
  for (const PaletteEntry& entry : raster.palette) to.u8(entry.red).u8(entry.green).u8(entry.blue);
}

Result<Raster> decode_raster(ByteView body) {
  wire::Reader from(body);
  Raster raster;
  raster.width = from.u32();
  raster.height = from.u32();
  raster.sample = from.enumerated(kLastSampleType);
  if (from.flag()) {
    raster.transform.emplace();
    for (double& term : *raster.transform) term = from.f64();
  }
  raster.crs = decode_crs(from);
  const std::size_t bands = from.count(kBandsMax);
  for (std::size_t i = 0; i < bands && !from.failed(); ++i) {
    Band band;
    band.colour = from.enumerated(kLastColour);
    if (from.flag()) band.no_data = from.f64();
    raster.bands.push_back(band);
  }
  const std::size_t entries = from.count(kPaletteMax);
  for (std::size_t i = 0; i < entries && !from.failed(); ++i) {
    const std::uint8_t red = from.u8();
    const std::uint8_t green = from.u8();
    const std::uint8_t blue = from.u8();
    raster.palette.push_back({red, green, blue});
  }
  HANGU_FINISH_RECORD(from);
  return raster;
}

void encode(wire::Writer& to, const Trailer& trailer) {
  to.u64(trailer.features).u64(trailer.tiles).raw(trailer.digest);
}

Result<Trailer> decode_trailer(ByteView body) {
  wire::Reader from(body);
  Trailer trailer;
  trailer.features = from.u64();
  trailer.tiles = from.u64();
  const ByteView digest = from.raw(trailer.digest.size());
  HANGU_FINISH_RECORD(from);
  std::ranges::copy(digest, trailer.digest.begin());
  return trailer;
}

void encode_values(wire::Writer& to, const Layer& layer, std::span<const Value> values) {
  HANGU_ASSERT(values.size() == layer.fields.size());
  for (std::size_t first = 0; first < values.size(); first += 8) {
    unsigned present = 0;
    for (std::size_t i = first; i < std::min(first + 8, values.size()); ++i) {
      if (values[i].index() != 0) present |= 1U << (i - first);
    }
    to.u8(static_cast<std::uint8_t>(present));
  }
  for (const Value& value : values) std::visit(PutValue{to}, value);
}

Done decode_feature(const Layer& layer, ByteView body, std::vector<Value>& values,
                    ByteView& geometry) {
  wire::Reader from(body);
  const std::size_t count = layer.fields.size();
  const ByteView present = from.raw((count + 7) / 8);
  values.clear();
  for (std::size_t i = 0; i < count && !from.failed(); ++i) {
    const bool is_present = (std::to_integer<unsigned>(present[i / 8]) >> (i % 8) & 1) != 0;
    values.push_back(is_present ? get_value(from, layer.fields[i].type) : Value());
  }
  if (!from.failed() && count % 8 != 0 &&
      std::to_integer<unsigned>(present.back()) >> (count % 8) != 0) {
    from.reject("wire-value");
  }
  geometry = layer.geometry == GeometryType::none ? ByteView() : from.counted(kGeometryBytesMax);
  HANGU_FINISH_RECORD(from);
  return {};
}

void encode_place(wire::Writer& to, const TilePlace& place, std::size_t bytes) {
  to.u32(place.row).u32(place.column).u32(place.band);
  to.u32(static_cast<std::uint32_t>(bytes));
}

Result<Tile> decode_tile(ByteView body) {
  wire::Reader from(body);
  Tile tile;
  tile.place.row = from.u32();
  tile.place.column = from.u32();
  tile.place.band = from.u32();
  tile.samples = from.counted(kRecordBytesMax);
  HANGU_FINISH_RECORD(from);
  return tile;
}

}  // namespace hangu::plain
