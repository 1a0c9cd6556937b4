#pragma once
// Bounds of live forwarding, named once. docs/operations/auditor-reports.md §4.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hangu::forward {

using std::chrono::milliseconds;

inline constexpr std::size_t kLinesPerTurn = 256;         ///< read and sent before looking up
inline constexpr std::size_t kBlockBytesMax = 64 * 1024;  ///< sent at once, and one line more
inline constexpr std::size_t kLinesPerMark = 4096;        ///< sent before all of them are awaited
inline constexpr milliseconds kDrainPause{5};
inline constexpr milliseconds kTick{1000};           ///< between looks at the published checkpoint
inline constexpr milliseconds kConnectTime{10'000};  ///< TCP, and again the handshake
inline constexpr milliseconds kStallTime{30'000};  ///< without the receiver's machine taking a byte
/// For one block, however the receiver trickles: two KiB a second at least.
inline constexpr milliseconds kSendTime{30'000};
/// How long a connection must stand after the receiver's machine had taken everything, until the
/// receiver itself counts as having it: one that dies loses what its kernel still held.
inline constexpr milliseconds kSettleTime{5'000};
inline constexpr milliseconds kGoodbyeTime{3'000};
inline constexpr milliseconds kRetryFirst{1'000};  ///< doubled up to kRetryMax
inline constexpr milliseconds kRetryMax{60'000};
inline constexpr milliseconds kStatusEvery{2'000};
inline constexpr milliseconds kToldAgain{600'000};  ///< the same trouble in the operations log
inline constexpr std::size_t kCredentialBytesMax = 64 * 1024;
inline constexpr std::size_t kCursorBytesMax = 4 * 1024;

}  // namespace hangu::forward
