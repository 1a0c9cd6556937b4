#pragma once
// Small plain forms and unnamed files for the tests of plain form.

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "plain/reader.hpp"
#include "plain/writer.hpp"

namespace hangu::plain::test {

inline os::UniqueFd memory_file() {
  os::UniqueFd file(::memfd_create("plain", MFD_CLOEXEC));
  REQUIRE(file.valid());
  return file;
}

inline os::UniqueFd memory_file(ByteView content) {
  os::UniqueFd file = memory_file();
  REQUIRE(os::write_all_at(file.view(), 0, content));
  return file;
}

inline Bytes content_of(const os::UniqueFd& file) {
  const auto size = os::file_size(file.view());
  REQUIRE(size);
  Bytes bytes(static_cast<std::size_t>(*size));
  REQUIRE(os::read_exactly_at(file.view(), 0, bytes));
  return bytes;
}

inline Bytes hex(std::string_view text) {
  auto bytes = from_hex(text);
  REQUIRE(bytes);
  return *std::move(bytes);
}

template <class T>
std::string reason_of(const Result<T>& result) {
  return result ? "ok" : std::string(result.error().reason());
}

// POINT(1 2), as PostGIS 3 prints ST_AsHEXEWKB.
inline const char* const kPointHex = "0101000000000000000000F03F0000000000000040";

inline std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}
inline Bytes point() { return hex(lower(kPointHex)); }

/// A layer with every type of field.
inline Layer every_field() {
  Layer layer;
  layer.name = "wells 井";
  layer.geometry = GeometryType::point;
  layer.crs = {.kind = Crs::Kind::epsg, .code = 4490, .text = {}};
  layer.fields = {{"depth", FieldType::real, 0, true},      {"name", FieldType::text, 4, true},
                  {"count", FieldType::integer, 16, false}, {"dug", FieldType::date, 0, true},
                  {"seen", FieldType::date_time, 0, true},  {"dry", FieldType::boolean, 0, true},
                  {"core", FieldType::binary, 3, true},     {"a", FieldType::text, 0, true},
                  {"b", FieldType::text, 0, true}};
  return layer;
}

inline const Bytes& core_bytes() {
  static const Bytes kBytes{std::byte{0}, std::byte{0xff}, std::byte{7}};
  return kBytes;
}

inline std::vector<Value> every_value() {
  return {12.5,
          std::string_view("井一二三"),
          std::int64_t{-3},
          Date{18262},
          DateTime{1'566'000'000'123},
          false,
          Binary{core_bytes()},
          Value(),
          std::string_view("")};
}

/// A vector dataset of two layers: one feature with a point, one without; two rows.
inline Done write_vector(Writer& writer) {
  HANGU_CHECK(writer.layer(every_field()));
  const auto values = every_value();
  const Bytes geometry = point();
  HANGU_TRY([[maybe_unused]] const Shape first, writer.feature(values, geometry));
  HANGU_TRY([[maybe_unused]] const Shape second, writer.feature(values, {}));
  Layer rows;
  rows.name = "rows";
  rows.fields = {{"k", FieldType::text, 0, false}};
  HANGU_CHECK(writer.layer(rows));
  for (const std::string_view key : {"x", "y"}) {
    const std::array<Value, 1> row{key};
    HANGU_TRY([[maybe_unused]] const Shape shape, writer.feature(row, {}));
  }
  return {};
}

inline os::UniqueFd vector_file(Trailer* trailer = nullptr) {
  os::UniqueFd file = memory_file();
  auto writer = Writer::create(file.view(), {DatasetKind::vector, 2});
  REQUIRE(writer);
  REQUIRE(write_vector(*writer));
  const auto end = writer->finish();
  REQUIRE(end);
  if (trailer != nullptr) *trailer = *end;
  return file;
}

/// A raster of 300 × 2 cells, two bands of u16: two tiles across, one down.
inline Raster small_raster() {
  Raster raster;
  raster.width = 300;
  raster.height = 2;
  raster.sample = SampleType::u16;
  raster.transform = {{500'000, 10, 0, 3'000'000, 0, -10}};
  raster.crs = {.kind = Crs::Kind::epsg, .code = 4547, .text = {}};
  raster.bands = {{Colour::gray, 0.0}, {Colour::undefined, std::nullopt}};
  return raster;
}

inline Bytes samples_of(const Raster& raster, const TilePlace& place) {
  Bytes samples(std::size_t{tile_width(raster, place)} * tile_height(raster, place) *
                bytes_of(raster.sample));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i] = static_cast<std::byte>((i + place.band + place.column) & 0xff);
  }
  return samples;
}

inline os::UniqueFd raster_file(const Raster& raster) {
  os::UniqueFd file = memory_file();
  auto writer = Writer::create(file.view(), {DatasetKind::raster, 0});
  REQUIRE(writer);
  REQUIRE(writer->raster(raster));
  for (std::uint32_t row = 0; row < raster.tile_rows(); ++row) {
    for (std::uint32_t column = 0; column < raster.tile_columns(); ++column) {
      for (std::uint32_t band = 0; band < raster.bands.size(); ++band) {
        const TilePlace place{row, column, band};
        const Bytes samples = samples_of(raster, place);
        REQUIRE(writer->tile({place, samples}));
      }
    }
  }
  REQUIRE(writer->finish());
  return file;
}

}  // namespace hangu::plain::test
