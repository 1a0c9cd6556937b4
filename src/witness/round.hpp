#pragma once
// Round: one checkpoint on its way past the witnesses, until enough have cosigned it.

#include <memory>
#include <vector>

#include "audit/witness/policy.hpp"
#include "witness/feed.hpp"
#include "witness/limits.hpp"

namespace hangu::witness {

/// A quorum comes together only when witnesses are shown the same checkpoint, so a round keeps its
/// checkpoint until there is one, or nobody is left to ask, or kRoundTimeMax is over: then a slow
/// witness is left behind and takes part again in a later round. Thread: one.
class Round {
 public:
  Round(std::shared_ptr<const Target> target, std::size_t witnesses, Milliseconds now)
      : target_(std::move(target)), cosigned_(witnesses), asked_(witnesses), begun_(now) {}

  [[nodiscard]] const std::shared_ptr<const Target>& target() const { return target_; }
  /// Whether witness `i` is still to be asked in this round.
  [[nodiscard]] bool wants(std::size_t i) const { return !asked_[i]; }
  void asked(std::size_t i) { asked_[i] = true; }
  void add(std::size_t i, audit::NoteSignature line);
  [[nodiscard]] bool quorum(const audit::WitnessPolicy& policy) const {
    return !lines_.empty() && policy.satisfied_by(cosigned_);
  }
  [[nodiscard]] const std::vector<audit::NoteSignature>& lines() const { return lines_; }
  /// `anyone_busy`: an exchange of this round is under way, or a witness is ready and unasked.
  [[nodiscard]] bool over(bool reached, bool anyone_busy, Milliseconds now) const;

 private:
  std::shared_ptr<const Target> target_;
  std::vector<bool> cosigned_;
  std::vector<bool> asked_;
  std::vector<audit::NoteSignature> lines_;
  Milliseconds begun_;
};

}  // namespace hangu::witness
