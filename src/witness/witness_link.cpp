#include "witness/witness_link.hpp"

#include <algorithm>

namespace hangu::witness {

WitnessLink::WitnessLink(audit::WitnessPolicy::Witness witness, Post post, Prove prove)
    : witness_(std::move(witness)),
      post_(std::move(post)),
      prove_(std::move(prove)),
      feed_(witness_.key),
      thread_([this] { run(); }) {}

WitnessLink::~WitnessLink() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void WitnessLink::offer(std::shared_ptr<const Target> target) {
  HANGU_ASSERT(!asked_);
  asked_ = true;
  {
    const std::lock_guard lock(mutex_);
    order_ = std::move(target);
  }
  changed_.notify_all();
}

std::optional<Delivery> WitnessLink::take(Milliseconds now) {
  std::optional<Delivery> taken;
  {
    const std::lock_guard lock(mutex_);
    taken = std::exchange(delivery_, std::nullopt);
  }
  if (!taken) return taken;
  asked_ = false;
  if (taken->outcome.end == FeedEnd::cosigned) {
    back_off_ = Milliseconds(0);
  } else {
    back_off_ = std::clamp(2 * back_off_, kBackOffFirst, kBackOffMax);
    rests_until_ = now + back_off_;
  }
  return taken;
}

void WitnessLink::run() {
  std::unique_lock lock(mutex_);
  while (true) {  // ends: by the destructor
    changed_.wait(lock, [this] { return ending_ || order_ != nullptr; });
    if (ending_) return;
    const std::shared_ptr<const Target> target = std::exchange(order_, nullptr);
    lock.unlock();
    FeedOutcome outcome = feed_.feed(*target, post_, prove_);
    lock.lock();
    delivery_ = Delivery{.target = target, .outcome = std::move(outcome)};
  }
}

}  // namespace hangu::witness
