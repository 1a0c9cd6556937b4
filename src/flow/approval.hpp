#pragma once
// Approval: what a person signs about a rendition before it may leave.

#include <set>
#include <string>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "flow/decision.hpp"
#include "flow/statement.hpp"

namespace hangu::flow {

inline constexpr std::string_view kApprovalPredicate = "urn:hangu:approval:v1";

/// Approval binds everything that would make it lapse when it changed: the rendition, the release
/// certificate, the obligations, the recipients and the output label (all of which the decision's
/// digest covers), until `expires`.
struct Approval {
  TransferId transfer;
  crypto::ObjectDigest rendition;    ///< object table of what is to leave (the subject)
  crypto::ObjectDigest certificate;  ///< check's release certificate
  crypto::ObjectDigest decision;     ///< the first decision
  PersonId person;
  std::string role;
  bool approved = false;
  std::string reason;  ///< the person's words, 1..1000 bytes
  WallTime expires;

  [[nodiscard]] Statement to_statement() const;
  /// Errors: those of Statement::parse, "field-…", "statement-not-canonical",
  /// "approval-invalid" (other than one signature, or a certificate beside it).
  [[nodiscard]] static Result<Approval> parse(const Envelope& envelope);
  bool operator==(const Approval&) const = default;
};

}  // namespace hangu::flow
