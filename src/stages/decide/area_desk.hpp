#pragma once
// Area desk: reserves the ground of a release in the mosaic ledger, and holds that ledger to the
// audit log, so that an older copy of it, or an empty one, is not gone on with.

#include <mutex>

#include "line/audit_client.hpp"
#include "mosaic/client.hpp"
#include "stages/decide/over_time.hpp"

namespace hangu::stages {

/// The ground that inspect's facts tell of; nothing when that of some object is not known.
/// Errors: Malformed "footprint-invalid", Exhausted "footprint-limit".
[[nodiscard]] Result<std::optional<mosaic::Footprint>> footprint_in(std::string_view facts);

/// Thread: any; one reservation at a time.
class AreaDesk {
 public:
  explicit AreaDesk(std::string socket) : ledger_(std::move(socket)) {}

  /// Reserves in the ledger, tells the log ("transfer.covered", under "mosaic:<number>"), and lets
  /// the ledger know. "ok", "limit-contiguous-area" or "footprint-unknown". `asked.limits
  /// .contiguous_km2` is given.
  /// Errors: Unavailable "mosaic-behind" (the log knows reservations that the ledger does not
  /// have), "mosaic-unavailable"; those of mosaic::Client, AuditClient and footprint_in().
  [[nodiscard]] Result<std::string> reserve(const OverTime& asked, line::AuditClient& audit);

 private:
  Result<std::string> enter(const OverTime& asked, const mosaic::Release& release,
                            line::AuditClient& audit);

  std::mutex mutex_;  // guards what follows
  mosaic::Client ledger_;
};

}  // namespace hangu::stages
