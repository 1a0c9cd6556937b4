#pragma once
// Routes of receive: what a node may ask of its zone's front door. docs/protocols/http.md §3.

#include "crypto/certificate.hpp"
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

/// Names the node that a verified client certificate stands for, if it may appear in `zone`.
/// Errors: Forbidden "certificate-…", "node-other-zone".
[[nodiscard]] Result<std::string> identify_node(const crypto::TrustAnchors& anchors,
                                                std::string_view pem, const ZoneId& zone,
                                                const Clock& clock);

}  // namespace hangu::zone
