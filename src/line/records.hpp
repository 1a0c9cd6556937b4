#pragma once
// Records: what a stage puts on the record beside its step, so that an auditor finds in the log
// itself who sent what, what each filter did to each object, and why it was decided so. Written
// before the step. docs/protocols/audit-log.md §3.

#include <span>
#include <string>
#include <vector>

#include "flow/decision.hpp"
#include "flow/envelope.hpp"
#include "flow/object_table.hpp"
#include "flow/submission.hpp"
#include "line/audit_client.hpp"
#include "line/outcome.hpp"

namespace hangu::line {

/// What one filter did to one object.
struct FilterAction {
  std::string name;                            ///< the object's, as its sender wrote it
  crypto::ObjectDigest object;                 ///< what the filter was given
  std::optional<crypto::ObjectDigest> output;  ///< what it made; absent where it makes nothing
  flow::Verdict verdict = flow::Verdict::pass;
  std::string reason = "ok";
  std::string actions;  ///< what was left behind or found, in words; empty: nothing
};

/// "transfer.received": what came in, before anybody has opened it.
[[nodiscard]] Record received_record(const ZoneId& zone, const NodeId& node,
                                     const crypto::ObjectDigest& package);
/// "transfer.stated", and "document.submission" with the sender's own envelope where it fits an
/// entry. Of a submission whose signature and certificate were good.
[[nodiscard]] std::vector<Record> submission_records(const flow::Envelope& envelope,
                                                     const flow::Submission& submission);
/// What of the central directory a decision went by, where one was asked.
struct DirectoryAge {
  std::string cookie;    ///< the server's own name of the state
  std::string snapshot;  ///< SHA-256 in hex of all that was known
  std::chrono::milliseconds age;
};
/// "transfer.decided": `document` is the digest of the decision's own text; `asked` is what was
/// asked of the rules, as policy::asked_json() says it, or null.
[[nodiscard]] Record decision_record(flow::Stage stage, const flow::Decision& decision,
                                     const crypto::ObjectDigest& document, wire::Json asked,
                                     const std::optional<DirectoryAge>& directory = std::nullopt);
/// What is said of the object at which a filter stopped.
[[nodiscard]] FilterAction stopped_action(const flow::ObjectRow& object, const Outcome& outcome);
/// "filter.<stage>" entries, as many as `actions` need. Gives none for none.
[[nodiscard]] std::vector<Record> filter_records(flow::Stage stage,
                                                 std::span<const FilterAction> actions);

/// Writes `records` of `transfer` in order. The same record is written once, however often the
/// step is made again. Errors: those of AuditClient::append.
[[nodiscard]] Done append_records(const TransferId& transfer, std::span<const Record> records,
                                  AuditClient& audit);
/// `outcome`, once its records are in the log.
[[nodiscard]] Result<Outcome> recorded(const ledger::Work& work, Result<Outcome> outcome,
                                       AuditClient& audit);

}  // namespace hangu::line
