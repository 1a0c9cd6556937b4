#pragma once
// Feeder: shows the published checkpoint to every witness of the policy, puts their cosignatures
// together, and hands the cosigned checkpoint to audit. It holds no key and is believed nothing.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/folder.hpp"
#include "audit/witness/policy.hpp"
#include "wire/json.hpp"
#include "witness/round.hpp"
#include "witness/witness_link.hpp"

namespace hangu::witness {

/// What a feeder stands on.
struct FeederPlan {
  const audit::Folder* log = nullptr;  ///< the published log; must outlive the feeder
  audit::NoteKey log_key;
  audit::WitnessPolicy policy;
  /// Carries requests to the policy's witness of that number; none of those that are not asked over
  /// the network (no URL: a person carries files).
  std::vector<std::optional<Post>> posts;
  /// Hands a cosigned note to audit. Errors are told and tried again with the next round.
  std::function<Done(const std::string& note)> hand_over;
  /// Has audit log a witness.alarm.
  std::function<Done(wire::JsonObject event)> log_alarm;
  std::function<void(const std::string& line)> tell;  ///< "HANGU-FEEDER-0002 …"
};

/// Thread: one.
class Feeder {
 public:
  explicit Feeder(FeederPlan plan);

  /// One look: takes what witnesses answered, ends and begins rounds. Called every kTick.
  void tick(Milliseconds now);
  [[nodiscard]] const std::optional<Round>& round() const { return round_; }

 private:
  struct Seat {
    std::size_t witness = 0;  ///< of the policy's
    std::unique_ptr<WitnessLink> link;
    std::optional<FeedEnd> last;           ///< told
    std::map<FeedEnd, Milliseconds> told;  ///< when each was told last
  };
  void take(Seat& seat, const Delivery& delivery, Milliseconds now);
  void tell_trouble(Seat& seat, const FeedOutcome& outcome, std::uint64_t size, Milliseconds now);
  void hand_over_once();
  void begin_round(Milliseconds now);
  void offer_to_all(Milliseconds now);
  [[nodiscard]] bool anyone_busy(Milliseconds now) const;

  FeederPlan plan_;
  std::vector<Seat> seats_;
  std::optional<Round> round_;
  std::size_t handed_lines_ = 0;  ///< of this round's, with a quorum
  std::uint64_t shown_size_ = 0;  ///< of the last round
  Milliseconds again_at_{0};      ///< the same size is not shown before
  std::string unreadable_;        ///< why the published checkpoint cannot be used, told
  std::string unhanded_;          ///< why audit does not take it, told
};

}  // namespace hangu::witness
