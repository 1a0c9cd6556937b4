#pragma once
// Review service: approve's socket for people.

#include <chrono>
#include <stop_token>
#include <string>

#include "base/time.hpp"
#include "os/channel.hpp"

namespace hangu::stages {

inline constexpr std::size_t kReviewersMax = 32;  ///< connections at once
/// How long a connection that asks nothing is kept; line::ReviewClient connects anew by itself.
inline constexpr std::chrono::milliseconds kReviewerIdleMax = std::chrono::minutes(2);

struct ReviewLimits {
  std::size_t connections_max = kReviewersMax;
  std::chrono::milliseconds idle_max = kReviewerIdleMax;
};

/// Where the desk finds the others.
struct ReviewSockets {
  std::string custodian;
  std::string audit;
};

/// Answers review requests, one connection after the other asks, until `stop`. When all places are
/// taken, a new connection gets that of the user who has the most, of his that which has been
/// silent longest: nobody keeps others out.
void serve_reviews(os::Listener& listener, const ReviewSockets& sockets, const Clock& clock,
                   const std::stop_token& stop, const ReviewLimits& limits = {});

}  // namespace hangu::stages
