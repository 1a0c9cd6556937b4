#pragma once
// WitnessLink: one witness and the thread that talks to it, so that a slow one delays nobody.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "witness/feed.hpp"
#include "witness/limits.hpp"

namespace hangu::witness {

/// An exchange that is over.
struct Delivery {
  std::shared_ptr<const Target> target;
  FeedOutcome outcome;
};

/// One exchange at a time: offer(), then take() until it gives what came of it. After a failure it
/// rests, longer each time, up to kBackOffMax. Thread: one caller; `post` and `prove` run on a
/// thread of its own, which the destructor joins (an exchange is bounded in time).
class WitnessLink {
 public:
  WitnessLink(audit::WitnessPolicy::Witness witness, Post post, Prove prove);
  ~WitnessLink();
  WitnessLink(const WitnessLink&) = delete;
  WitnessLink& operator=(const WitnessLink&) = delete;

  [[nodiscard]] const audit::WitnessPolicy::Witness& witness() const { return witness_; }
  /// No exchange is under way, or waits to be taken.
  [[nodiscard]] bool idle() const { return !asked_; }
  /// Idle, and not resting.
  [[nodiscard]] bool ready(Milliseconds now) const { return !asked_ && now >= rests_until_; }
  /// A defect unless ready.
  void offer(std::shared_ptr<const Target> target);
  [[nodiscard]] std::optional<Delivery> take(Milliseconds now);

 private:
  void run();

  audit::WitnessPolicy::Witness witness_;
  Post post_;
  Prove prove_;
  WitnessFeed feed_;  ///< the thread's
  bool asked_ = false;
  Milliseconds rests_until_{0};
  Milliseconds back_off_{0};  ///< of the last failure
  std::mutex mutex_;          ///< guards what follows
  std::condition_variable changed_;
  std::shared_ptr<const Target> order_;
  std::optional<Delivery> delivery_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace hangu::witness
