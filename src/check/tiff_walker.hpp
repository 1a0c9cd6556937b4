#pragma once
// Walker of TIFF and BigTIFF: reads the one directory of a rendition against a closed list of tags
// and accounts for every byte of the file. It decodes no sample; tiff_tiles.hpp does.
//
// Taken: little-endian, one directory, one plane a band, tiles of plain::kTileSide, no compression
// or Deflate. docs/protocols/check.md, section GeoTIFF, has the list of tags. Source: TIFF 6.0;
// OGC 19-008r4 (GeoTIFF 1.1); the BigTIFF design.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "check/byte_source.hpp"
#include "plain/schema.hpp"

namespace hangu::check {

enum class TiffCompression : std::uint8_t { none, deflate };
enum class TiffPhotometric : std::uint8_t { min_is_black, rgb, palette };
enum class TiffExtraSample : std::uint8_t { unspecified, associated_alpha, unassociated_alpha };

/// One entry of the GeoKey directory as it stands there (OGC 19-008r4, 7.1.2).
struct GeoKey {
  std::uint16_t id = 0;
  std::uint16_t location =
      0;  ///< 0: `value` is it; else the tag that holds `count` from `value` on
  std::uint16_t count = 0;
  std::uint16_t value = 0;
};

/// What the directory says.
struct Tiff {
  bool big = false;
  std::uint32_t width = 0;   ///< cells
  std::uint32_t height = 0;  ///< cells
  plain::SampleType sample = plain::SampleType::u8;
  std::uint16_t samples = 1;  ///< per cell
  TiffCompression compression = TiffCompression::none;
  TiffPhotometric photometric = TiffPhotometric::min_is_black;
  std::vector<TiffExtraSample> extra_samples;
  std::vector<std::uint16_t> colour_map;  ///< all red, all green, all blue; palette only
  std::vector<std::uint64_t> tile_offsets;
  std::vector<std::uint64_t> tile_bytes;
  std::optional<std::array<double, 3>> pixel_scale;
  std::optional<std::array<double, 6>> tie_point;
  std::optional<std::array<double, 16>> transformation;
  std::vector<GeoKey> geo_keys;  ///< by rising id
  std::vector<double> geo_doubles;
  std::string geo_text;  ///< without the final NUL
  std::string metadata;  ///< GDAL_METADATA
  std::optional<std::string> no_data;
  std::uint64_t padding = 0;  ///< zero bytes between parts

  [[nodiscard]] std::uint32_t tiles_across() const {
    return (width + plain::kTileSide - 1) / plain::kTileSide;
  }
  [[nodiscard]] std::uint32_t tiles_down() const {
    return (height + plain::kTileSide - 1) / plain::kTileSide;
  }
  /// Bytes of one decoded tile, padding cells included.
  [[nodiscard]] std::size_t decoded_tile_bytes() const {
    return std::size_t{plain::kTileSide} * plain::kTileSide * plain::bytes_of(sample);
  }
};

/// Errors: Malformed "tiff-header", "tiff-second-directory", "tiff-entry-order", "tiff-tag" (not
/// on the list), "tiff-entry" (type or count), "tiff-slack" (unused bytes of an entry),
/// "tiff-text", "tiff-tag-missing", "tiff-value", "tiff-tiles", "tiff-geo-keys"; those of Coverage;
/// Exhausted "tiff-limit". Thread: any.
[[nodiscard]] Result<Tiff> walk_tiff(const ByteSource& source);

}  // namespace hangu::check
