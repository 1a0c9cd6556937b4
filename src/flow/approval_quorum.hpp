#pragma once
// The mover's own count of approvals: distinct people with the demanded roles, each signature
// checked again by the second implementation against the keys that the second decision names.

#include <string_view>

#include "flow/approval.hpp"

namespace hangu::flow {

/// What the approvals must be about.
struct ApprovalSubject {
  TransferId transfer;
  crypto::ObjectDigest rendition;
  crypto::ObjectDigest certificate;
  crypto::ObjectDigest decision;
};

/// `approvals` is the JSON array of DSSE envelopes that approve gathered.
/// Errors: Forbidden "warrant-approvals" with what is missing or wrong; "warrant-lapsed" when they
/// were in order, and one of them is over at `now`: nobody has refused, and people may sign anew.
[[nodiscard]] Done check_approvals(std::string_view approvals, const ApprovalSubject& subject,
                                   const Decision& decision, WallTime now);

/// Whether the person's roles are enough for the slot (Obligations::approver_slots).
[[nodiscard]] bool fits(const Approver& person, const std::string& slot);
/// True when each of `slots` can be filled by a different human of `people`
/// (a bipartite matching; both sides are at most kApprovalsMax).
[[nodiscard]] bool slots_can_be_filled(std::span<const std::string> slots,
                                       std::span<const Approver* const> people);

}  // namespace hangu::flow
