#pragma once
// Review case: everything that a reviewer's signature will name, read from approve's socket and
// recomputed here from the bytes, so that a lying gateway cannot have something else signed.

#include <string>

#include "cli/claims.hpp"
#include "flow/decision.hpp"
#include "flow/object_table.hpp"
#include "flow/release_certificate.hpp"
#include "line/review_protocol.hpp"

namespace hangu::cli {

struct ReviewCase {
  line::PendingDetail detail;
  flow::ObjectTable rendition;
  flow::Decision decision;
  flow::ReleaseCertificate certificate;
  flow::Submission submission;
  wire::Json facts;  ///< as inspect wrote them
  std::vector<MeasuredPart> measured;
};

/// Reads the documents and checks that each is what its digest says, that the certificate is of
/// this rendition, the submission signed by the sender whom the decision names, for the same zones
/// and objects, and the measured content that which check found in the rendition.
/// Errors: Corrupt "review-digest" (bytes of another digest, or documents that do not belong
/// together); those of the documents' parsers and of ReviewClient.
[[nodiscard]] Result<ReviewCase> load_case(line::ReviewClient& client, const TransferId& transfer);
/// Reads every object of the rendition whole and compares its digest; with `folder` (not empty)
/// writes the objects below it, for a look. Errors: Corrupt "review-digest"; "file-exists".
[[nodiscard]] Done check_objects(Session& session, line::ReviewClient& client,
                                 const ReviewCase& about, const std::string& folder);
/// Shows what leaves: objects, sizes, label, rules, recipients, what the sender claimed beside what
/// was measured, certificate, who has signed.
void tell_case(Session& session, const ReviewCase& about);

}  // namespace hangu::cli
