#pragma once
// Every bound of the mosaic ledger, named once. docs/protocols/mosaic.md.

#include <cstddef>

namespace hangu::mosaic {

inline constexpr std::size_t kPolygonsMax = 1024;    ///< of one release
inline constexpr std::size_t kPointsMax = 7500;      ///< of one release
inline constexpr std::size_t kAccountsMax = 256;     ///< that one release is entered in
inline constexpr std::size_t kNameBytesMax = 128;    ///< of a receiver or family
inline constexpr std::size_t kPiecesNearMax = 5000;  ///< that one polygon can be near to
inline constexpr std::size_t kNearBytesMax = std::size_t{8} << 20;   ///< of their shapes together
inline constexpr std::size_t kShapeBytesMax = std::size_t{4} << 20;  ///< of one stored shape

/// What lies no further apart than this counts as one area.
inline constexpr double kGapMetres = 100;
/// Coordinates are multiples of this: about a centimetre.
inline constexpr double kGridDegrees = 1e-7;

}  // namespace hangu::mosaic
