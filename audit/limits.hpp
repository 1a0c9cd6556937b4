#pragma once
// Every bound of the audit log, named once. docs/protocols/audit-log.md §10.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hangu::audit {

// The tree and its files.
inline constexpr unsigned kTileHeight = 8;      ///< levels of the tree in one tile
inline constexpr std::size_t kTileWidth = 256;  ///< hashes of a full tile
inline constexpr std::size_t kTileBytes = kTileWidth * 32;
inline constexpr std::size_t kBundleBytesMax = kTileWidth * (2 + 0xffff);
inline constexpr unsigned kTileLevelMax = 7;  ///< 256^8 entries: all of 64 bits
inline constexpr std::size_t kProofHashesMax = 63;
inline constexpr std::uint64_t kLogSizeMax = std::uint64_t{1} << 40;

// Notes.
inline constexpr std::size_t kNoteBytesMax = 16 * 1024;
inline constexpr std::size_t kNoteSignaturesMax = 32;
inline constexpr std::size_t kOriginBytesMax = 255;
inline constexpr std::size_t kProofTextBytesMax = 32 * 1024;
/// 9999-12-31T23:59:59Z: the last second that a cosignature may name.
inline constexpr std::uint64_t kCosignatureTimeMax = 253'402'300'799;

// The journal.
inline constexpr std::size_t kBatchEntriesMax = 1024;
inline constexpr std::size_t kOwnEntriesPerBatchMax = 1;  ///< a clock step, told first
inline constexpr std::size_t kBatchBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kRecordBytesMax = std::size_t{2} << 20;
inline constexpr std::uint64_t kSegmentBytesMax = std::uint64_t{64} << 20;
/// Where the present segment has come to before a spare one is worth its zeros; what is laid out of
/// them behind each round of publishing, at least; and in one step, with a pause after each.
inline constexpr std::uint64_t kSpareFromBytes = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kSpareRoundBytes = std::uint64_t{16} << 20;
inline constexpr std::size_t kSpareStepBytes = std::size_t{64} << 10;
inline constexpr std::chrono::milliseconds kSparePause{1};  ///< not when there is more to do
inline constexpr std::size_t kSegmentsMax = 4096;
inline constexpr std::size_t kUnpublishedBytesMax = std::size_t{128} << 20;
inline constexpr std::size_t kStagedFilesMax = 64;  ///< that a publisher has open at once
inline constexpr std::uint64_t kDiskReserveBytes = std::uint64_t{64} << 20;
inline constexpr std::uint64_t kDiskAlarmTimes = 4;     ///< the reserve: 256 MiB
inline constexpr std::uint64_t kDiskWarningTimes = 16;  ///< the reserve: 1 GiB

// Entries and their index.
inline constexpr std::size_t kKeysPerEntryMax = 4;
inline constexpr std::size_t kKeyBytesMax = 200;
inline constexpr std::size_t kFoundMax = 256;  ///< entries of a transfer in one answer
inline constexpr std::chrono::milliseconds kClockStep{1000};  ///< a step back that is told

// The service.
/// One program that opens many cannot keep the others out: each has its own places.
inline constexpr std::size_t kConnectionsPerProgramMax = 64;
inline constexpr std::size_t kRequestsPerTurn = 64;  ///< of one connection, in one batch
inline constexpr std::chrono::milliseconds kPublishEvery{1000};
inline constexpr std::chrono::milliseconds kHeartbeatEvery{60'000};
inline constexpr std::chrono::milliseconds kEpochEvery{3'600'000};  ///< and at every start

// Pruning. A step is done between two batches, which wait for it.
inline constexpr std::uint64_t kPruneEntriesPerStep =
    kTileWidth;  ///< one bundle: about a millisecond
/// Keys of deleted entries that are kept: 24 bytes each, in memory and on disk; 4 GiB of them.
inline constexpr std::uint64_t kPrunedKeysMax = (std::uint64_t{4} << 30) / 24;
inline constexpr std::size_t kPruneFilesPerStep = 64;
inline constexpr unsigned kRetentionMonthsMin = 6;  ///< 网络安全法 art. 21(3)
inline constexpr unsigned kRetentionMonths = 36;
inline constexpr unsigned kRetentionMonthsMax = 1200;

}  // namespace hangu::audit
