#pragma once
// Every bound that crosses a folder, named once. A bound that one file alone uses stays there.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hangu {

inline constexpr std::size_t kChunkBytes = std::size_t{1} << 20;  ///< leaf of the chunk tree
inline constexpr std::size_t kObjectsMax = 10'000;                ///< rows of an object table
inline constexpr std::size_t kObjectNameBytesMax = 255;
inline constexpr std::uint64_t kObjectBytesMax = std::uint64_t{1} << 50;  ///< 1 PiB

inline constexpr std::size_t kStatementBytesMax = std::size_t{4} << 20;  ///< one DSSE envelope
inline constexpr std::size_t kEntryBytesMax = 48 * 1024;                 ///< one audit entry
inline constexpr std::size_t kSmallObjectBytesMax = 64 * 1024;  ///< kept in the ledger, not a file

inline constexpr std::size_t kMessageBytesMax = 160 * 1024;  ///< one message on a local socket
inline constexpr std::size_t kMessageDescriptorsMax = 8;
inline constexpr std::size_t kPieceBytes = 128 * 1024;  ///< bulk bytes in one local message
inline constexpr std::size_t kPiecesAheadMax = 4;       ///< sent before the first is answered

inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::size_t kRecipientsMax = 64;
inline constexpr std::size_t kApprovalsMax = 16;

inline constexpr std::chrono::milliseconds kClearedValidity = std::chrono::minutes(10);

}  // namespace hangu
