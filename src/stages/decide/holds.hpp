#pragma once
// Holds: what waits although the rules allow it: while no witness sees the audit log, or the
// gateway is in a tighter posture. docs/protocols/policy.md §5, §12.

#include "audit/witnessing.hpp"
#include "flow/decision.hpp"
#include "line/custodian_client.hpp"
#include "policy/policy.hpp"

namespace hangu::stages {

/// How soon a transfer that waits is looked at again.
inline constexpr std::chrono::milliseconds kHeldRetry{10'000};

/// Whether a label is above what still flows while the log's last quorum is as old as it is. A log
/// that none has ever seen, asked or not, is older than any limit.
[[nodiscard]] bool must_wait(const policy::Unwitnessed& limit, const flow::Label& label,
                             const audit::Witnessed& log, WallTime now);

/// Gives the work back with the reason "log-unwitnessed", to be looked at again, when it must wait;
/// true when it did. Errors: those of CustodianClient::release.
[[nodiscard]] Result<bool> hold_unwitnessed(const line::Work& work,
                                            line::CustodianClient& custodian,
                                            const policy::Policy& policy, const flow::Label& label,
                                            const audit::Witnessed& log, WallTime now);

/// The same with "posture-import-only" or "posture-stop", where the posture does not let it flow.
[[nodiscard]] Result<bool> hold_in_posture(const line::Work& work, line::CustodianClient& custodian,
                                           const policy::Catalogue& catalogue,
                                           const flow::Decision& decision, policy::Posture posture);

}  // namespace hangu::stages
