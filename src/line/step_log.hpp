#pragma once
// StepLog: signs a step and has it written to the audit log, before the step takes effect.

#include <optional>
#include <string>
#include <vector>

#include "crypto/signature.hpp"
#include "flow/receipt.hpp"
#include "line/audit_client.hpp"

namespace hangu::line {

/// What the log answered.
struct LoggedOutcome {
  /// The step as it stands in the log: ours, or the one that was there before (after a crash).
  std::optional<flow::Step> step;
  std::uint64_t index = 0;
  /// A key was taken by something else than this step: another transfer's submission, or the
  /// transfer's end. Then `step` is absent.
  std::string taken_type;  ///< type of the entry that holds it, e.g. "transfer.withdrawn"
  std::string taken_transfer;
};

class StepLog {
 public:
  StepLog(AuditClient client, const crypto::SigningKey& key)
      : client_(std::move(client)), key_(key) {}

  /// Appends the step under its own key, `more_keys`, and for a refusal or an emission the
  /// transfer's end. Safe to repeat: the same step finds its own entry.
  [[nodiscard]] Result<LoggedOutcome> append(const flow::Step& step,
                                             const std::vector<std::string>& more_keys);
  [[nodiscard]] AuditClient& client() { return client_; }

 private:
  AuditClient client_;
  const crypto::SigningKey& key_;
};

}  // namespace hangu::line
