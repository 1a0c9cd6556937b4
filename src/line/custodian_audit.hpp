#pragma once
// CustodianAudit: the custodian's AuditLog over the client of hangu-audit.

#include <mutex>

#include "ledger/audit_log.hpp"
#include "line/audit_client.hpp"

namespace hangu::line {

/// Connects at the first call, so that the custodian starts before the log does. Entries:
/// "transfer.withdrawn" {node} and "transfer.expired" {} under flow::end_key;
/// "transfer.acknowledged" {node, sealed} under "acknowledged:<transfer>:<node>";
/// "transfer.quarantined" {attempts, reason, round, stage} under
/// "quarantined:<transfer>:<round>:<stage>".
/// Thread: any; calls wait for each other. `entropy` must outlive it and be used by nobody else.
class CustodianAudit final : public ledger::AuditLog {
 public:
  CustodianAudit(std::string socket, Entropy& entropy)
      : socket_(std::move(socket)), entropy_(entropy) {}

  [[nodiscard]] Result<flow::State> end_transfer(const TransferId& transfer, flow::State end,
                                                 const std::optional<NodeId>& asked_by) override;
  [[nodiscard]] Done acknowledge(const TransferId& transfer, const NodeId& node,
                                 const crypto::ObjectDigest& sealed) override;
  [[nodiscard]] Done quarantine(const TransferId& transfer, std::uint32_t round, flow::Stage stage,
                                std::uint32_t attempts) override;

 private:
  /// The log's answer: appended, or taken; a refusal is an Error.
  [[nodiscard]] Result<audit::AppendReply> append(const TransferId& transfer, std::string type,
                                                  std::string key, std::string body);

  std::string socket_;
  Entropy& entropy_;
  std::mutex mutex_;
  std::optional<AuditClient> client_;
};

/// The end that an entry under flow::end_key stands for. Errors: Corrupt "audit-entry-unexpected".
[[nodiscard]] Result<flow::State> end_of_entry(std::string_view entry);

}  // namespace hangu::line
