#pragma once
// Unwitnessed: what waits while no witness sees the audit log. docs/protocols/policy.md §5.

#include "audit/witnessing.hpp"
#include "line/custodian_client.hpp"
#include "policy/policy.hpp"

namespace hangu::stages {

/// How soon a transfer that waits for witnesses is looked at again.
inline constexpr std::chrono::milliseconds kUnwitnessedRetry{10'000};

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

}  // namespace hangu::stages
