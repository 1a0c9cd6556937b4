#pragma once
// Day count: how many transfers were cleared for one receiver and dataset family on one day. The
// audit log's keys are the places: a key belongs to its first entry for ever, so neither a restart,
// a clock that goes back nor an older copy of anything gives one back.

#include "line/audit_client.hpp"
#include "stages/decide/over_time.hpp"

namespace hangu::stages {

/// Days begin at midnight by the legal time of all of China.
inline constexpr std::chrono::hours kDayOffset{8};

/// "2026-03-01": the day on which `time` falls.
[[nodiscard]] std::string day_of(WallTime time);

/// Takes the first free place of the day of `asked.now` for each receiver and family that has none
/// of this transfer's yet, as "transfer.counted" under
///   day:<day>:<receiver>:<family>:<1..limit>   and   counted:<transfer>:<receiver>:<family>.
/// False when there is no free one; places that it took before stay taken. `asked.limits.per_day`
/// is given. Errors: those of AuditClient. Thread: any.
[[nodiscard]] Result<bool> count_in_day(const OverTime& asked, line::AuditClient& audit);

}  // namespace hangu::stages
