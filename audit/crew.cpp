#include "audit/crew.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace hangu::audit {

/// A thread that does one thing after another.
class Crew::Member {
 public:
  Member() : thread_([this] { work(); }) {}
  ~Member() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    given_.notify_one();
    thread_.join();
  }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  /// Begins `task`; nothing must be under way. What it uses must outlive wait().
  void start(std::function<void()> task);
  /// Returns when nothing is under way; what was not begun is dropped.
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

void Crew::Member::start(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    task_ = std::move(task);
  }
  given_.notify_one();
}

void Crew::Member::wait() {
  std::unique_lock lock(mutex_);
  task_ = nullptr;
  done_.wait(lock, [this] { return !busy_; });
}

void Crew::Member::work() {
  std::unique_lock lock(mutex_);
  while (true) {  // ends: by the destructor
    given_.wait(lock, [this] { return ending_ || task_; });
    if (ending_) return;
    const std::function<void()> task = std::exchange(task_, nullptr);
    busy_ = true;
    lock.unlock();
    task();
    lock.lock();
    busy_ = false;
    done_.notify_one();
  }
}

Crew::Crew() {
  const unsigned processors = std::min(std::thread::hardware_concurrency(), kCrewMax + 1);
  for (unsigned i = 1; i < processors; ++i) members_.push_back(std::make_unique<Member>());
}
Crew::~Crew() = default;

void Crew::for_each(std::size_t count, const std::function<void(std::size_t)>& act) noexcept {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) act(i);
  };
  for (const auto& member : members_) member->start(take);
  take();
  for (const auto& member : members_) member->wait();
}

}  // namespace hangu::audit
