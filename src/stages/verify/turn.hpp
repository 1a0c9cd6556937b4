#pragma once
// The sender's turn: whether a submission follows the one that its sender numbered before it.

#include "flow/submission.hpp"
#include "line/audit_client.hpp"

namespace hangu::stages {

/// The audit key for which a submission competes with all others of its sender and number.
[[nodiscard]] std::string sequence_key(const NodeId& node, std::uint64_t sequence);

/// Holds `previous` against what the log knows of the sender's number before this one.
///
/// Gives the reason of a refusal, "submission-previous" (that number was another statement), or
/// nothing. When no statement with that number was taken, the log gets the event "sequence.gap" of
/// this transfer, once for each (sender, number), and nothing is refused: the one before may have
/// been refused, lost, or be still under way.
/// Errors: those of the audit client.
[[nodiscard]] Result<std::optional<std::string>> check_turn(const flow::Submission& submission,
                                                            const TransferId& transfer,
                                                            line::AuditClient& audit);

}  // namespace hangu::stages
