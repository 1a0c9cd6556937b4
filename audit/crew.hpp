#pragma once
// Crew: threads that stand ready beside the writer's own, one for each processor more, for what of
// a batch needs no order.

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace hangu::audit {

inline constexpr unsigned kCrewMax = 8;  ///< threads

/// A thread that does one thing after another. Thread: whoever owns it.
class Beside {
 public:
  Beside() : thread_([this](const std::stop_token& stop) { work(stop); }) {}
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  /// Begins `task` once the one before is done. It must not throw, and what it uses must outlive
  /// wait().
  void start(std::function<void()> task);
  /// Returns when nothing is under way.
  void wait();

 private:
  void work(const std::stop_token& stop);

  std::mutex mutex_;  // guards the task
  std::condition_variable_any changed_;
  std::function<void()> task_;  ///< empty: none is under way
  std::jthread thread_;         ///< last: it uses the rest
};

/// Thread: one.
class Crew {
 public:
  Crew();

  /// Calls `act` with 0..count-1, each once, on all threads and the caller's; returns when all are
  /// through.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& act);
  /// One of them, for something that goes on meanwhile.
  [[nodiscard]] Beside& one() { return *threads_.front(); }

 private:
  std::vector<std::unique_ptr<Beside>> threads_;  ///< at least one
};

}  // namespace hangu::audit
