#pragma once
// Routes of receive: what a node may ask of its zone's front door. docs/protocols/http.md §7.

#include "crypto/certificate.hpp"
#include "line/known_nodes.hpp"
#include "net/router.hpp"
#include "zone/receive/intake.hpp"
#include "zone/receive/spool.hpp"

namespace hangu::zone {

/// POST /v1/packages                 a whole package -> 201 (or 200 when it was known)
/// GET  /v1/packages                 the node's transfers, newest first
/// GET  /v1/packages/{id}            state, reason, history
/// GET  /v1/packages/{id}/receipts   log entries with proofs
/// DELETE /v1/packages/{id}          withdraw
/// /v1/uploads…                      tus 1.0 resumable upload
[[nodiscard]] net::Router receive_routes(Intake& intake, Spool& spool);

/// Names the node that a verified client certificate stands for, if it may appear in `zone` by the
/// certificate's word and the officers': the certificate's key is one of the node's signing keys.
/// Errors: Forbidden "certificate-…", "node-other-zone", "node-unknown", "node-key"; Unavailable
/// "nodes-unreadable".
[[nodiscard]] Result<std::string> identify_node(const crypto::TrustAnchors& anchors,
                                                line::KnownNodes& nodes, std::string_view pem,
                                                const ZoneId& zone, const Clock& clock);

}  // namespace hangu::zone
