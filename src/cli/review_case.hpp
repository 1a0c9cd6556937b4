#pragma once
// Review case: everything that a reviewer's signature will name, read from approve's socket and
// recomputed here from the bytes, so that a lying gateway cannot have something else signed.

#include <string>

#include "cli/command.hpp"
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
};

/// Reads the documents and checks that each is what its digest says, and that the certificate is
/// of this rendition. Errors: Corrupt "review-digest" (bytes of another digest); those of the
/// documents' parsers and of ReviewClient.
[[nodiscard]] Result<ReviewCase> load_case(line::ReviewClient& client, const TransferId& transfer);
/// Reads every object of the rendition whole and compares its digest; with `folder` (not empty)
/// writes the objects below it, for a look. Errors: Corrupt "review-digest"; "file-exists".
[[nodiscard]] Done check_objects(Session& session, line::ReviewClient& client,
                                 const ReviewCase& about, const std::string& folder);
/// Shows what leaves: objects, sizes, label, rules, recipients, certificate, who has signed.
void tell_case(Session& session, const ReviewCase& about);

}  // namespace hangu::cli
