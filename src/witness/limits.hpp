#pragma once
// Every bound of feeding and serving, named once. docs/protocols/audit-witness.md.

#include <chrono>
#include <cstddef>

namespace hangu::witness {

using Milliseconds = std::chrono::milliseconds;

// One exchange with a witness, which may be slow, or lie about how much it will say.
inline constexpr Milliseconds kConnectTime{3000};
inline constexpr Milliseconds kStallTime{5000};   ///< without one byte moved
inline constexpr Milliseconds kAnswerTime{8000};  ///< request sent, answer's header not come
inline constexpr Milliseconds kBodyTime{5000};    ///< for the whole body of an answer
inline constexpr int kAttemptsMax = 3;            ///< requests of one exchange

// Rounds.
inline constexpr Milliseconds kRoundEvery{1000};      ///< no new checkpoint is offered before
inline constexpr Milliseconds kRoundTimeMax{25'000};  ///< then a round ends, whoever is missing
inline constexpr Milliseconds kRefreshEvery{15'000};  ///< a checkpoint that stays is shown again
inline constexpr Milliseconds kRetryEvery{3000};      ///< the same, when it has no quorum yet
inline constexpr Milliseconds kTick{200};
inline constexpr Milliseconds kBackOffFirst{1000};
inline constexpr Milliseconds kBackOffMax{60'000};
/// The same trouble of the same witness is told, and logged, no more often.
inline constexpr Milliseconds kTroubleEvery{600'000};
inline constexpr Milliseconds kAuditPatience{2000};

// The server.
inline constexpr std::size_t kConnectionsMax = 64;
inline constexpr std::size_t kConnectionsPerAddressMax = 16;
inline constexpr double kRequestsPerSecond = 20;  ///< of one address
inline constexpr double kRequestsBurst = 100;
/// Refusals in the operations log, each minute.
inline constexpr int kToldRefusalsMax = 60;
inline constexpr std::size_t kDescriptorsMax = 256;

}  // namespace hangu::witness
