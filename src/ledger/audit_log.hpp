#pragma once
// AuditLog: what the custodian needs of the audit log. The program gives it the real client; tests
// give it a double.

#include <optional>

#include "base/ids.hpp"
#include "crypto/chunk_tree.hpp"
#include "flow/stage.hpp"

namespace hangu::ledger {

/// Every call is durable when it returns and may be repeated: the same act asked for again finds
/// itself. Errors: Unavailable (log not there now), Corrupt (its answer cannot be).
/// Thread: one at a time; never the custodian's loop.
class AuditLog {
 public:
  virtual ~AuditLog() = default;

  /// Appends "transfer.<end>" (withdrawn or expired) under flow::end_key, for which all ends
  /// compete. Returns the end that holds the key: `end`, or the one that came before it.
  /// `asked_by` is the node that withdraws.
  [[nodiscard]] virtual Result<flow::State> end_transfer(const TransferId& transfer,
                                                         flow::State end,
                                                         const std::optional<NodeId>& asked_by) = 0;

  /// Appends "transfer.acknowledged", once for each node.
  [[nodiscard]] virtual Done acknowledge(const TransferId& transfer, const NodeId& node,
                                         const crypto::ObjectDigest& sealed) = 0;

  /// Appends "transfer.quarantined": a stage did not survive the transfer. Once for each round and
  /// stage.
  [[nodiscard]] virtual Done quarantine(const TransferId& transfer, std::uint32_t round,
                                        flow::Stage stage, std::uint32_t attempts) = 0;
};

}  // namespace hangu::ledger
