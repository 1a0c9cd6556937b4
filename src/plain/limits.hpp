#pragma once
// Bounds of plain form. A stream that is over one of them is refused with Exhausted
// ("plain-limit"), whoever made it: reader and writer hold the same list.

#include <cstddef>
#include <cstdint>

namespace hangu::plain {

inline constexpr std::uint16_t kFormatVersion = 1;

// Frames.
inline constexpr std::size_t kFrameBytes = std::size_t{1} << 20;  ///< plain bytes; the last fewer
inline constexpr std::size_t kFrameStoredBytesMax = kFrameBytes + 8 * 1024;
inline constexpr std::uint64_t kFramesMax = std::uint64_t{1} << 24;  ///< 16 TiB of plain bytes

// Records.
inline constexpr std::size_t kRecordBytesMax = std::size_t{64} << 20;
inline constexpr std::size_t kNameBytesMax = 128;  ///< layer and field names
inline constexpr std::size_t kCrsTextBytesMax = 2'000;
inline constexpr std::size_t kLayersMax = 256;
inline constexpr std::size_t kFieldsMax = 1000;                       ///< of one layer
inline constexpr std::uint64_t kFeaturesMax = 0xffff'ffff;            ///< of one dataset
inline constexpr std::size_t kValueBytesMax = std::size_t{16} << 20;  ///< one text or binary value

// Geometry.
inline constexpr std::size_t kGeometryBytesMax = std::size_t{56} << 20;
inline constexpr unsigned kGeometryDepthMax = 4;          ///< a point in a multipoint is at depth 2
inline constexpr std::uint32_t kPartsMax = 1'000'000;     ///< rings or members of one geometry
inline constexpr std::uint64_t kVerticesMax = 3'500'000;  ///< of one geometry

// Raster.
inline constexpr std::uint32_t kRasterSideMax = std::uint32_t{1} << 20;  ///< cells
inline constexpr std::size_t kBandsMax = 512;
inline constexpr std::uint64_t kRasterSamplesMax = std::uint64_t{1} << 41;  ///< all bands
inline constexpr std::uint32_t kTileSide = 256;     ///< cells; edge tiles are cut
inline constexpr std::size_t kPaletteMax = 65'536;  ///< entries

}  // namespace hangu::plain
