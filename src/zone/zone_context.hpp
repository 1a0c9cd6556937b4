#pragma once
// What both programs of a zone half have at hand: configuration, zone, TLS credentials, listener.

#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "crypto/certificate.hpp"
#include "line/known_nodes.hpp"
#include "net/server.hpp"
#include "os/clock.hpp"
#include "os/process.hpp"
#include "os/sandbox.hpp"

namespace hangu::zone {

class EdgeRecord;

struct ZoneContext {
  std::string program;  ///< "receive" or "deliver"
  config::Gateway gateway;
  config::Layout layout;
  ZoneId zone;
  crypto::TrustAnchors anchors;
  std::unique_ptr<line::KnownNodes> nodes;
  std::string certificate_pem;
  Bytes tls_key_pem;      ///< wiped by serve()
  os::UniqueFd listener;  ///< named "<program>.<zone>"
  os::SystemClock clock;

  /// Reads `--config FILE --zone ID`, the credentials and the passed listener.
  [[nodiscard]] static Result<ZoneContext> load(std::string program, int argc, char** argv);
  /// "receive.egov": names credentials and sockets.
  [[nodiscard]] std::string instance() const { return program + "." + zone.text(); }
};

/// The box of hangu-receive: the zone's spool, the anchors to read, connections of its listener,
/// custodian and audit.
[[nodiscard]] os::Profile receive_profile(const ZoneContext& context);
/// The box of hangu-deliver: the zone's outbox and the anchors to read, connections of its
/// listener, custodian and audit.
[[nodiscard]] os::Profile deliver_profile(const ZoneContext& context);

/// Enters the sandbox, tells readiness, and serves until SIGTERM. Who comes and who is turned away
/// goes into `edge`.
[[nodiscard]] Done serve(ZoneContext& context, net::Router router, const os::Profile& profile,
                         EdgeRecord& edge);

}  // namespace hangu::zone
