#pragma once
// Review service: approve's socket for people.

#include <stop_token>
#include <string>

#include "base/time.hpp"
#include "os/channel.hpp"

namespace hangu::stages {

inline constexpr std::size_t kReviewersMax = 32;  ///< connections at once; more are closed

/// Answers review requests, one connection after the other asks, until `stop`.
void serve_reviews(os::Listener& listener, const std::string& custodian_socket, const Clock& clock,
                   const std::stop_token& stop);

}  // namespace hangu::stages
