#pragma once
// What plain form has words for: datasets, layers, fields, values, rasters, tiles.
// docs/protocols/plain-form.md has the byte table.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"
#include "plain/limits.hpp"

namespace hangu::plain {

using hangu::bytes_of;  // beside the one of sample types below

enum class DatasetKind : std::uint8_t { vector, raster, table };
[[nodiscard]] std::string_view to_text(DatasetKind kind);

struct Dataset {
  DatasetKind kind = DatasetKind::vector;
  std::uint32_t layers = 0;  ///< vector 1..kLayersMax, table 1, raster 0
  bool operator==(const Dataset&) const = default;
};

/// Coordinate reference system: none known, an EPSG code, or the text of a system that has no code
/// (crs_text.hpp). Coordinates are always in the order east, north (longitude, latitude), whatever
/// the authority says.
struct Crs {
  enum class Kind : std::uint8_t { none, epsg, text };
  Kind kind = Kind::none;
  std::uint32_t code = 0;  ///< epsg only
  std::string text;        ///< text only
  bool operator==(const Crs&) const = default;
};
/// "none", "EPSG:4326", a crs_summary(), or "text" for a text that is not in its one spelling.
[[nodiscard]] std::string to_text(const Crs& crs);

enum class GeometryType : std::uint8_t {
  none,  ///< a layer without geometry: its records are rows
  any,
  point,
  line_string,
  polygon,
  multi_point,
  multi_line_string,
  multi_polygon,
  collection,
};
inline constexpr GeometryType kLastGeometryType = GeometryType::collection;
/// "none", "any", "point", "line-string", "polygon", "multi-point", …
[[nodiscard]] std::string_view to_text(GeometryType type);

/// Whether geometries of a layer have a third (z) or measure (m) coordinate.
enum class Presence : std::uint8_t { never, always, optional };

enum class FieldType : std::uint8_t { integer, real, text, date, date_time, boolean, binary };
/// "integer", "real", "text", "date", "date-time", "boolean", "binary".
[[nodiscard]] std::string_view to_text(FieldType type);

struct Field {
  std::string name;
  FieldType type = FieldType::text;
  /// At most so many code points of a text, bytes of a binary value; 8, 16 or 32 bits of a signed
  /// integer; 0 = none given (integers: 64 bits), the only one for other types.
  std::uint32_t width = 0;
  bool nullable = true;
  bool operator==(const Field&) const = default;
};

struct Layer {
  std::string name;
  GeometryType geometry = GeometryType::none;
  Presence z = Presence::never;
  Presence m = Presence::never;
  Crs crs;
  std::vector<Field> fields;
  bool operator==(const Layer&) const = default;
};

/// Days since 1970-01-01, proleptic Gregorian, years 1..9999.
struct Date {
  std::int32_t days = 0;
  bool operator==(const Date&) const = default;
};
/// Milliseconds since 1970-01-01T00:00:00Z, years 1..9999.
struct DateTime {
  std::int64_t milliseconds = 0;
  bool operator==(const DateTime&) const = default;
};

/// Bytes of a binary value; equal when they hold the same.
struct Binary {
  ByteView bytes;
  friend bool operator==(const Binary& a, const Binary& b) { return equal(a.bytes, b.bytes); }
};

/// One attribute value; monostate is null. Text and bytes are views: whoever makes the value owns
/// them. Reals are finite, and zero is positive.
using Value = std::variant<std::monostate, std::int64_t, double, std::string_view, Date, DateTime,
                           bool, Binary>;

struct Box {
  double min_x = 0;
  double min_y = 0;
  double max_x = 0;
  double max_y = 0;
  /// The smallest box around both.
  void join(const Box& other);
};

/// What walking a geometry found.
struct Shape {
  GeometryType type = GeometryType::none;
  bool z = false;
  bool m = false;
  std::uint64_t vertices = 0;
  Box box;  ///< of x and y; meaningless when there are no vertices
  [[nodiscard]] bool empty() const { return vertices == 0; }
};

/// A feature or, in a layer without geometry, a row. Views live until the reader moves on.
struct Feature {
  std::span<const Value> values;
  ByteView geometry;  ///< canonical WKB; empty = no geometry
  Shape shape;        ///< of the geometry (type none without one)
};

enum class SampleType : std::uint8_t { u8, u16, i16, u32, i32, f32, f64 };
inline constexpr SampleType kLastSampleType = SampleType::f64;
/// "u8", "u16", …
[[nodiscard]] std::string_view to_text(SampleType type);
[[nodiscard]] std::size_t bytes_of(SampleType type);

enum class Colour : std::uint8_t { undefined, gray, palette, red, green, blue, alpha };
inline constexpr Colour kLastColour = Colour::alpha;
[[nodiscard]] std::string_view to_text(Colour colour);

struct Band {
  Colour colour = Colour::undefined;
  std::optional<double> no_data;
  bool operator==(const Band&) const = default;
};

struct PaletteEntry {
  std::uint8_t red = 0;
  std::uint8_t green = 0;
  std::uint8_t blue = 0;
  bool operator==(const PaletteEntry&) const = default;
};

struct Raster {
  std::uint32_t width = 0;   ///< cells
  std::uint32_t height = 0;  ///< cells
  SampleType sample = SampleType::u8;
  /// x = t0 + column*t1 + row*t2, y = t3 + column*t4 + row*t5, of a cell's outer corner.
  std::optional<std::array<double, 6>> transform;
  Crs crs;
  std::vector<Band> bands;
  std::vector<PaletteEntry> palette;  ///< of the one band whose colour is palette
  bool operator==(const Raster&) const = default;

  [[nodiscard]] std::uint32_t tile_rows() const { return (height + kTileSide - 1) / kTileSide; }
  [[nodiscard]] std::uint32_t tile_columns() const { return (width + kTileSide - 1) / kTileSide; }
};

/// Where a tile lies: tiles come by row, then column, then band.
struct TilePlace {
  std::uint32_t row = 0;
  std::uint32_t column = 0;
  std::uint32_t band = 0;
  bool operator==(const TilePlace&) const = default;
};

/// The cells of a tile that lie in the raster: row-major, little-endian, no padding.
struct Tile {
  TilePlace place;
  ByteView samples;
};
/// Cells across and down of a tile at `place`.
[[nodiscard]] std::uint32_t tile_width(const Raster& raster, const TilePlace& place);
[[nodiscard]] std::uint32_t tile_height(const Raster& raster, const TilePlace& place);

/// The end of a stream: counts and the content digest (SHA-256 over all records before).
struct Trailer {
  std::uint64_t features = 0;  ///< and rows
  std::uint64_t tiles = 0;
  crypto::Hash digest{};
  bool operator==(const Trailer&) const = default;
};

}  // namespace hangu::plain
