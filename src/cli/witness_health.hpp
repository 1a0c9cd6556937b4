#pragma once
// Witness health: how long ago a quorum of witnesses saw a gateway's log, for `ps` and `doctor`.

#include <chrono>
#include <optional>
#include <string>

#include "audit/witness/quorum_watch.hpp"
#include "base/time.hpp"
#include "config/layout.hpp"
#include "wire/json.hpp"

namespace hangu::cli {

using WitnessLevel = audit::QuorumLevel;

struct WitnessHealth {
  WitnessLevel level = WitnessLevel::alarm;
  std::uint64_t size = 0;        ///< that a quorum saw; 0: none yet
  std::optional<WallTime> time;  ///< as of when
  std::chrono::seconds age{0};   ///< since then

  /// {"size","time","ageSeconds","level"}
  [[nodiscard]] wire::Json to_json() const;
  /// "size 120 at 2026-…, 12 s ago"
  [[nodiscard]] std::string to_text() const;
};

[[nodiscard]] std::string_view to_text(WitnessLevel level);

/// Nothing when the gateway asks no witnesses, or its policy demands none. Errors: of files (the
/// caller may not read the log), configuration and policy; Unavailable "time-unknown".
[[nodiscard]] Result<std::optional<WitnessHealth>> witness_health(const config::Layout& layout,
                                                                  const Clock& clock);

}  // namespace hangu::cli
