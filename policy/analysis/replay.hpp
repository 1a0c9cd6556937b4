#pragma once
// Replay: decisions on record, asked again of a candidate policy, with what was known on that day.
// Only the rules and what stands before them in the catalogue (names, ceilings) are asked, and what
// this gateway cannot carry out: not the directory of today, nor the candidate's period. What
// cannot be asked again counts as widening. docs/protocols/policy.md §13.

#include <optional>
#include <string>
#include <vector>

#include "policy/policy.hpp"
#include "wire/json.hpp"

namespace hangu::policy {

/// A decision as the log has it.
struct PastDecision {
  std::uint64_t entry = 0;  ///< its number in the log
  std::string transfer{};
  wire::Json event{};  ///< of "transfer.decided"
};

enum class Outcome : std::uint8_t {
  same,
  now_allowed,  ///< refused then
  weakened,     ///< allowed by both, by fewer approvals or declassifiers
  now_refused,
  strengthened,
  unknown,  ///< what was asked is not on the record
};
/// "same", "now-allowed", "weakened", "now-refused", "strengthened", "unknown".
[[nodiscard]] std::string_view to_text(Outcome outcome);

/// Decisions of one outcome, by the same rules.
struct ReplayGroup {
  Outcome outcome = Outcome::same;
  std::vector<std::string> rules;  ///< the candidate's; then's, where it has none
  bool of_candidate = false;
  std::string reason;  ///< then's reason code; the candidate's for now_refused
  std::size_t count = 0;
  PastDecision example;  ///< the first
};

struct Replay {
  std::size_t decisions = 0;
  std::vector<ReplayGroup> groups;  ///< by outcome, rules and reason; those that stay the same, too
  [[nodiscard]] std::size_t count(Outcome outcome) const;
  /// New access, fewer demands, or something that cannot be asked again.
  [[nodiscard]] bool widens() const;
};

/// Thread: one. `candidate` and `catalogue` outlive it.
class Replayer {
 public:
  Replayer(const Policy& candidate, const Catalogue& catalogue)
      : candidate_(candidate), catalogue_(catalogue) {}
  void add(const PastDecision& past);
  /// Of all that were added.
  [[nodiscard]] Replay replay() const { return replay_; }

 private:
  const Policy& candidate_;
  const Catalogue& catalogue_;
  Replay replay_;
};

}  // namespace hangu::policy
