#include "plain/schema.hpp"

#include <algorithm>

#include "plain/crs_text.hpp"

namespace hangu::plain {
namespace {

template <class E, std::size_t N>
std::string_view name_in(const std::array<std::string_view, N>& names, E value) {
  const auto index = static_cast<std::size_t>(value);
  HANGU_ASSERT(index < N);
  return names[index];
}

constexpr auto kKinds = std::to_array<std::string_view>({"vector", "raster", "table"});
constexpr auto kGeometryTypes = std::to_array<std::string_view>(
    {"none", "any", "point", "line-string", "polygon", "multi-point", "multi-line-string",
     "multi-polygon", "collection"});
constexpr auto kFieldTypes = std::to_array<std::string_view>(
    {"integer", "real", "text", "date", "date-time", "boolean", "binary"});
constexpr auto kSampleTypes =
    std::to_array<std::string_view>({"u8", "u16", "i16", "u32", "i32", "f32", "f64"});
constexpr auto kSampleBytes = std::to_array<std::size_t>({1, 2, 2, 4, 4, 4, 8});
constexpr auto kColours = std::to_array<std::string_view>(
    {"undefined", "gray", "palette", "red", "green", "blue", "alpha"});

}  // namespace

std::string_view to_text(DatasetKind kind) { return name_in(kKinds, kind); }
std::string_view to_text(GeometryType type) { return name_in(kGeometryTypes, type); }
std::string_view to_text(FieldType type) { return name_in(kFieldTypes, type); }
std::string_view to_text(SampleType type) { return name_in(kSampleTypes, type); }
std::string_view to_text(Colour colour) { return name_in(kColours, colour); }

std::size_t bytes_of(SampleType type) { return kSampleBytes[static_cast<std::size_t>(type)]; }

std::string to_text(const Crs& crs) {
  switch (crs.kind) {
    case Crs::Kind::none: return "none";
    case Crs::Kind::epsg: return "EPSG:" + std::to_string(crs.code);
    case Crs::Kind::text: {
      const auto numbers = read_crs_text(crs.text);
      return numbers ? crs_summary(*numbers) : "text";
    }
  }
  return "none";
}

void Box::join(const Box& other) {
  min_x = std::min(min_x, other.min_x);
  min_y = std::min(min_y, other.min_y);
  max_x = std::max(max_x, other.max_x);
  max_y = std::max(max_y, other.max_y);
}

std::uint32_t tile_width(const Raster& raster, const TilePlace& place) {
  return std::min(kTileSide, raster.width - place.column * kTileSide);
}

std::uint32_t tile_height(const Raster& raster, const TilePlace& place) {
  return std::min(kTileSide, raster.height - place.row * kTileSide);
}

}  // namespace hangu::plain
