#pragma once
// WitnessUrl: where a witness takes checkpoints.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hangu::witness {

/// A submission prefix: "http://192.0.2.7:8080/prefix", "https://[2001:db8::7]". The host is an
/// address: the feeder reads no files of the system once it is locked in, and a gateway's zone may
/// have no name service at all.
struct WitnessUrl {
  bool tls = false;
  std::string host;  ///< an IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;
  std::string prefix;  ///< empty, or "/…" without a '/' at its end

  /// Errors: Malformed "witness-url-invalid" with what was expected.
  [[nodiscard]] static Result<WitnessUrl> parse(std::string_view url);
  /// The target of add-checkpoint.
  [[nodiscard]] std::string submission() const { return prefix + "/add-checkpoint"; }
};

}  // namespace hangu::witness
