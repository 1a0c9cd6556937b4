#pragma once
// HalfLog: what a zone half tells the audit log besides the steps of a transfer.

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "crypto/signature.hpp"
#include "line/audit_client.hpp"
#include "wire/json.hpp"

namespace hangu::zone {

/// A node waits for as long before it hears that the log cannot be asked.
inline constexpr std::chrono::milliseconds kHalfLogPatience{3'000};

/// Connects at the first call, so that the half starts before the log does.
/// Thread: any; calls wait for each other.
class HalfLog {
 public:
  explicit HalfLog(std::string audit_path) : audit_path_(std::move(audit_path)) {}
  /// Durable when it returns: appended now, or there before under the same key.
  /// Errors: those of AuditClient::append(): Unavailable "audit-unavailable" (ask again), …
  [[nodiscard]] Done append(std::string type, const std::optional<TransferId>& transfer,
                            std::vector<std::string> keys, const wire::Json& event);

 private:
  std::string audit_path_;
  crypto::SystemEntropy entropy_;
  std::mutex mutex_;
  std::optional<line::AuditClient> client_;
};

}  // namespace hangu::zone
