#pragma once
// Bounds of the directory's client, named once. docs/protocols/directory.md §6.

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace hangu::directory {

using std::chrono::milliseconds;

inline constexpr std::size_t kEntriesMax = 250'000;
inline constexpr std::size_t kNodesMax = 20'000;   ///< of them; the edge's register holds no more
inline constexpr std::size_t kAttributesMax = 32;  ///< of an entry, as the server sends them
inline constexpr std::size_t kValuesMax = 64;      ///< of an attribute
inline constexpr std::size_t kValueBytesMax = 16 * 1024;
inline constexpr std::size_t kMessageBytesMax = std::size_t{1} << 20;   ///< one LDAP message
inline constexpr std::uint64_t kLoadBytesMax = std::uint64_t{1} << 30;  ///< values of one load
inline constexpr int kPageEntries = 500;                                ///< RFC 2696

inline constexpr milliseconds kConnectTime{5'000};  ///< TCP, and again TLS, and again the bind
inline constexpr milliseconds kSilenceMax{10'000};  ///< between two messages of a load
inline constexpr milliseconds kLoadTime{600'000};   ///< a whole load
inline constexpr milliseconds kTick{200};
/// A connection is made anew so often, so that a certificate that was revoked meanwhile ends it.
inline constexpr milliseconds kConnectionLife{600'000};
inline constexpr milliseconds kRetryFirst{500};  ///< doubled up to kRetryMax
inline constexpr milliseconds kRetryMax{10'000};
inline constexpr milliseconds kRegisterEvery{1'000};
/// A term that ends takes a node out of the register without any change of the directory.
inline constexpr milliseconds kRegisterAnew{30'000};
inline constexpr milliseconds kQuestionTime{1'000};
inline constexpr milliseconds kAnswerTime{5'000};
inline constexpr std::size_t kCredentialBytesMax = 64 * 1024;
inline constexpr std::size_t kEventsWaitingMax = 256;  ///< for the log

}  // namespace hangu::directory
