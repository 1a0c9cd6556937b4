#include "os/companion.hpp"

#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>

#include <pthread.h>

namespace hangu::os {

struct Companion::State {
  std::mutex lock;
  std::condition_variable handed;
  std::condition_variable done;
  std::array<Errand*, kErrandsMax> waiting{};  ///< a ring
  std::size_t first = 0;
  std::size_t count = 0;
  bool ending = false;
  pthread_t thread{};

  void hand(Errand& errand) {
    {
      const std::scoped_lock locked(lock);
      HANGU_ASSERT(count < kErrandsMax);
      waiting[(first + count) % kErrandsMax] = &errand;
      ++count;
    }
    handed.notify_one();
  }

  void work() {
    std::unique_lock locked(lock);
    while (true) {  // ends: when the companion does, and nothing is left
      handed.wait(locked, [this] { return count > 0 || ending; });
      if (count == 0) return;
      Errand& errand = *waiting[first];
      first = (first + 1) % kErrandsMax;
      --count;
      locked.unlock();
      errand.run();
      locked.lock();
      errand.over_ = true;  // from here on its owner may destroy it
      done.notify_one();
    }
  }
};

Companion::Companion(std::unique_ptr<State> state) : state_(std::move(state)) {}
Companion::Companion(Companion&&) noexcept = default;
Companion& Companion::operator=(Companion&& other) noexcept {
  std::swap(state_, other.state_);
  return *this;
}

Companion::~Companion() {
  if (state_ == nullptr) return;
  {
    const std::scoped_lock locked(state_->lock);
    state_->ending = true;
  }
  state_->handed.notify_one();
  ::pthread_join(state_->thread, nullptr);
}

Result<Companion> Companion::start() {
  auto state = std::make_unique<State>();
  pthread_attr_t attributes;
  if (const int error = ::pthread_attr_init(&attributes); error != 0) {
    return fail(ErrorCode::internal, "thread-failed", {}, error);
  }
  int error = ::pthread_attr_setstacksize(&attributes, kCompanionStackBytes);
  if (error == 0) {
    const auto work = [](void* of) -> void* {
      static_cast<State*>(of)->work();
      return nullptr;
    };
    error = ::pthread_create(&state->thread, &attributes, work, state.get());
  }
  ::pthread_attr_destroy(&attributes);
  if (error != 0) return fail(ErrorCode::internal, "thread-failed", {}, error);
  return Companion(std::move(state));
}

void Errand::run() noexcept {
  try {
    outcome_ = act_();
  } catch (...) {
    thrown_ = std::current_exception();
  }
}

void Errand::begin(Companion* companion) {
  HANGU_ASSERT(!begun_);
  begun_ = true;
  if (companion == nullptr) return run();
  over_ = false;
  with_ = companion->state_.get();
  with_->hand(*this);
}

void Errand::wait() {
  if (with_ == nullptr) return;
  std::unique_lock locked(with_->lock);
  with_->done.wait(locked, [this] { return over_; });
  with_ = nullptr;
}

Done Errand::finish() {
  wait();
  begun_ = false;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  return std::exchange(outcome_, Done());
}

Errand::~Errand() { wait(); }

}  // namespace hangu::os
