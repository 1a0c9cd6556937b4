#pragma once
// PostureWatch: how tight the gateway is at this moment, and that on the record: the officer's
// switch (policy/posture.json), an alarm (policy/alarm), a log that no witness has seen for too
// long. docs/protocols/policy.md §12.

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "audit/witnessing.hpp"
#include "line/audit_client.hpp"
#include "policy/policy.hpp"

namespace hangu::stages {

/// Files beside the policy. The alarm's is put there by whatever watches the box (a chassis switch,
/// a hardware monitor); what it says is for people.
inline constexpr std::string_view kSwitchFile = "posture.json";
inline constexpr std::string_view kAlarmFile = "alarm";

/// Why it is as tight as it is.
struct PostureNow {
  policy::Posture posture = policy::Posture::normal;
  bool by_switch = false;
  bool by_alarm = false;
  bool unwitnessed = false;
  std::uint32_t number = 0;  ///< of the switch; 0: it was never used
  bool operator==(const PostureNow&) const = default;
};

/// Thread: any.
class PostureWatch {
 public:
  /// `gateway`: its name, which orders must bear.
  PostureWatch(std::string folder, policy::Signers signers, std::string gateway);

  /// Looks anew, and writes "posture.switched" for orders that the log has not yet, and
  /// "posture.changed" at the first look and when the state is another. Errors, all Unavailable, so
  /// that everything waits: "posture-superseded" (the log knows a later order than the one that
  /// lies there, or another of its number; a file that was taken away is such), those of
  /// posture_order_in() and check_posture_signatures(), "posture-other-gateway", "posture-number"
  /// (not the next), of files; those of AuditClient.
  [[nodiscard]] Result<PostureNow> look(const policy::PostureRules& rules,
                                        const audit::Witnessed& log, WallTime now,
                                        line::AuditClient& audit);

 private:
  [[nodiscard]] Done read_switch(line::AuditClient& audit);
  [[nodiscard]] Done take(const policy::SignedOrder& one, line::AuditClient& audit) const;
  [[nodiscard]] Result<policy::Posture> before(std::uint32_t number,
                                               line::AuditClient& audit) const;

  const std::string folder_;
  const policy::Signers signers_;
  const std::string gateway_;
  std::mutex mutex_;                           // guards what follows
  std::optional<std::string> read_;            ///< the switch's file, as it was when it was good
  std::optional<policy::PostureOrder> order_;  ///< in it
  std::optional<PostureNow> told_;
};

}  // namespace hangu::stages
