#pragma once
// verify: who sent the package, is it whole, is it new — and opens it.

#include <span>

#include "base/time.hpp"
#include "crypto/certificate.hpp"
#include "line/audit_client.hpp"
#include "line/custodian_client.hpp"
#include "line/known_nodes.hpp"
#include "line/outcome.hpp"

namespace hangu::stages {

/// What verify needs beside the work.
struct VerifyMeans {
  std::span<const crypto::OpeningKey> opening_keys;
  const crypto::TrustAnchors& anchors;
  const Clock& clock;
  line::KnownNodes& nodes;
};

/// Opens the sealed package of `work`, checks the sender's certificate, signature, zone, node and
/// times, and hands on the objects, each checked against the digest that the sender signed.
///
/// Output table: the submission's objects. Evidence: "submission" (the sender's envelope).
/// Competes for the submission's digest and for (sender, sequence number), so that a replay or a
/// fork of the sender's numbering is refused ("submission-replayed").
/// Refusals: those of package::Reader; "sender-certificate-…", "sender-signature", "sender-node"
/// (another node brought it), "sender-zone", "submission-early", "submission-expired",
/// "submitter-unknown", "submitter-key", "submitter-zone" (the officers took node, key or zone out:
/// such a submission takes no number of the node), "submission-previous" (see check_turn),
/// "statement-not-canonical" (the certificate's PEM).
/// Errors: Corrupt "package-other", "chunk-mismatch", "leaves-mismatch" (not the package that
/// receive took in); Unavailable "nodes-unreadable"; those of custodian, audit and clock, for which
/// the work is done again later.
[[nodiscard]] Result<line::Outcome> verify(const line::Work& work, line::CustodianClient& custodian,
                                           line::AuditClient& audit, const VerifyMeans& means);

}  // namespace hangu::stages
