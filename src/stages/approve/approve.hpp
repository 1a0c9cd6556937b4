#pragma once
// approve: holds a transfer until the required people have signed; verifies their signatures
// itself. People reach it through the review protocol on its own local socket.

#include "base/time.hpp"
#include "line/custodian_client.hpp"
#include "line/outcome.hpp"
#include "line/records.hpp"
#include "line/review_protocol.hpp"
#include "stages/approve/approval_desk.hpp"

namespace hangu::stages {

/// The stage: passes when enough people have signed (or none need to), refuses
/// ("approval-refused") when one refused, and otherwise holds the transfer.
/// Evidence: "approvals" (the JSON array of envelopes).
[[nodiscard]] Result<line::Outcome> approve(const line::Work& work,
                                            line::CustodianClient& custodian, const Clock& clock);

/// A reply and the descriptor that goes with it, if any.
struct ReviewAnswer {
  line::ReviewReply reply;
  os::UniqueFd file;
};

/// What people's requests are answered with. All borrowed.
struct ReviewMeans {
  line::CustodianClient& custodian;
  line::AuditClient& audit;
  const Clock& clock;
};

/// Answers one request of a person. Never fails: what cannot be done is a ReviewRefused. An
/// approval or a refusal is in the log ("approval.given", the person's own envelope) before it
/// counts.
[[nodiscard]] ReviewAnswer answer_review(const line::ReviewRequest& request,
                                         const ReviewMeans& means);

}  // namespace hangu::stages
