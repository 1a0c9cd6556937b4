#pragma once
// QuorumWatch: remembers the last checkpoint that a quorum of the policy's witnesses saw, and
// complains when that is long ago.

#include <memory>
#include <span>

#include "audit/folder.hpp"
#include "audit/witness/policy.hpp"
#include "audit/witnessing.hpp"
#include "base/time.hpp"

namespace hangu::audit {

/// How long ago the last quorum was, by kUnwitnessedWarning and kUnwitnessedAlarm.
enum class QuorumLevel : std::uint8_t { fine, late, alarm };
[[nodiscard]] QuorumLevel level_of(std::chrono::seconds age);

/// How long ago a quorum's time is, never negative.
[[nodiscard]] std::chrono::seconds age_of(std::chrono::seconds time, WallTime now);

/// Whether the policy is of this log: it names none, or this one's key among others.
/// Errors: Malformed "witness-policy-other-log".
[[nodiscard]] Done check_policy_of(const WitnessPolicy& policy, const NoteKey& log);

/// The last checkpoint with a quorum that a log's folder keeps, signed by one of the log's `keys`;
/// nothing when there is none, or when the policy is not satisfied by it (any more).
/// Errors: of files; those of a note that cannot be read; Unavailable "time-unknown".
[[nodiscard]] Result<std::optional<CosignedHead>> kept_quorum(const Folder& log_folder,
                                                              const WitnessPolicy& policy,
                                                              std::span<const NoteKey> keys,
                                                              const Clock& clock);

class QuorumWatch final : public Witnessing {
 public:
  /// Goes on from what `log_folder` keeps, which may be signed by a `former` key of the log; what
  /// comes may not. `clock` must outlive it. Errors: as kept_quorum and check_policy_of.
  [[nodiscard]] static Result<std::unique_ptr<Witnessing>> open(
      const Folder& log_folder, WitnessPolicy policy, NoteKey log, const Clock& clock,
      std::span<const NoteKey> former = {});

  [[nodiscard]] Witnessed state() const override;
  [[nodiscard]] std::optional<TreeHead> head() const override;
  [[nodiscard]] Result<CosignedHead> read(std::string_view note) const override;
  [[nodiscard]] bool take(const CosignedHead& head) override;
  [[nodiscard]] std::optional<WitnessComplaint> complain() override;

 private:
  QuorumWatch(WitnessPolicy policy, NoteKey log, std::optional<CosignedHead> last, WallTime started,
              const Clock& clock)
      : policy_(std::move(policy)),
        log_(std::move(log)),
        last_(std::move(last)),
        started_(started),
        clock_(clock) {}

  WitnessPolicy policy_;
  NoteKey log_;
  std::optional<CosignedHead> last_;
  WallTime started_;                       ///< no complaint before kUnwitnessedWarning after it
  QuorumLevel level_ = QuorumLevel::fine;  ///< told
  const Clock& clock_;
};

}  // namespace hangu::audit
