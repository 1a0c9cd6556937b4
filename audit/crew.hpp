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

/// A thread that does one thing after another. What it has not begun when somebody waits for it,
/// that one does: on a busy machine nobody waits for a thread to wake. Thread: whoever owns it.
class Beside {
 public:
  Beside();
  ~Beside();
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

  /// Begins `task` once the one before is done. It must not throw, and what it uses must outlive
  /// wait().
  void start(std::function<void()> task);
  /// Returns when nothing is under way.
  void wait();

 private:
  void work();

  std::mutex mutex_;  // guards what follows
  std::condition_variable given_;
  std::condition_variable done_;
  std::function<void()> task_;  ///< given, and not begun
  bool busy_ = false;
  bool ending_ = false;
  std::thread thread_;  ///< last: it uses the rest
};

/// Waits for what is under way when its scope ends, however that is: what a task uses must come
/// before it.
class Waits {
 public:
  explicit Waits(Beside& beside) : beside_(&beside) {}
  ~Waits() { beside_->wait(); }
  Waits(const Waits&) = delete;
  Waits& operator=(const Waits&) = delete;

 private:
  Beside* beside_;
};

/// Thread: one.
class Crew {
 public:
  Crew();

  /// Calls `act` with 0..count-1, each once, on all threads and the caller's; returns when all are
  /// through.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& act);

 private:
  std::vector<std::unique_ptr<Beside>> threads_;
};

}  // namespace hangu::audit
