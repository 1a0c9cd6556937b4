#pragma once
// HttpWitness: carries add-checkpoint requests to one witness over HTTP/1.1.

#include <string>

#include "net/client.hpp"
#include "witness/feed.hpp"
#include "witness/witness_url.hpp"

namespace hangu::witness {

/// HttpWitness keeps one connection while it serves. What may come back is bounded in bytes and
/// time (limits.hpp). Thread: one at a time.
class HttpWitness {
 public:
  /// `anchors_pem`: who vouches for the certificates of https witnesses; we show none.
  /// Errors: Malformed "tls-credentials".
  [[nodiscard]] static Result<HttpWitness> create(WitnessUrl url, const std::string& anchors_pem);
  /// Errors: those of net::Client; Exhausted "witness-answer-too-long"; Unavailable
  /// "network-timeout".
  [[nodiscard]] Result<Posted> post(const std::string& body);

 private:
  HttpWitness(WitnessUrl url, net::Client client)
      : url_(std::move(url)), client_(std::move(client)) {}
  WitnessUrl url_;
  net::Client client_;
};

}  // namespace hangu::witness
