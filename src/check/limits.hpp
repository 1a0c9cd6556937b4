#pragma once
// Bounds of check. A rendition that is over one of them is not passed: Exhausted, so the verdict
// of its object is "error", never "pass".

#include <cstddef>
#include <cstdint>

namespace hangu::check {

inline constexpr std::size_t kPaddingBytesMax = 1;        ///< before an even offset, zero
inline constexpr std::size_t kByteRangesMax = 1'500'000;  ///< accounted ranges of one file

// TIFF.
inline constexpr std::size_t kTiffEntriesMax = 40;
inline constexpr std::size_t kTiffTilesMax = std::size_t{1} << 21;
inline constexpr std::size_t kTiffTextBytesMax = 32 * 1024;  ///< one ASCII value
inline constexpr std::size_t kGeoKeysMax = 64;
inline constexpr std::size_t kGeoDoublesMax = 64;

// Systems.
inline constexpr std::size_t kDefinitionBytesMax = 32 * 1024;  ///< WKT of one

// CSV.
inline constexpr std::size_t kCsvRecordBytesMax = std::size_t{64} << 20;
inline constexpr std::size_t kCsvWindowBytes = std::size_t{1} << 20;

// SQLite.
inline constexpr std::uint64_t kSqlitePagesMax = std::uint64_t{1} << 28;  ///< 1 TiB of 4 KiB pages
inline constexpr unsigned kSqliteDepthMax = 20;                 ///< pages from root to leaf
inline constexpr std::size_t kSqliteTreesMax = 4'096;           ///< rows of the schema table
inline constexpr std::size_t kSqliteColumnsMax = 1'024;         ///< of one record
inline constexpr std::size_t kSqliteTextBytesMax = 512 * 1024;  ///< one row of the schema table
inline constexpr std::uint64_t kSqliteRecordBytesMax = std::uint64_t{128} << 20;

// R-tree.
inline constexpr unsigned kRtreeDepthMax = 12;
inline constexpr std::int64_t kRtreeWindowFeatures = 1'000'000;  ///< boxes held at a time

}  // namespace hangu::check
