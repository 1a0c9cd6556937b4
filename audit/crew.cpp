#include "audit/crew.hpp"

#include <algorithm>
#include <atomic>

namespace hangu::audit {

void Beside::start(std::function<void()> task) {
  wait();
  {
    const std::lock_guard lock(mutex_);
    task_ = std::move(task);
  }
  changed_.notify_all();
}

void Beside::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !task_; });
}

void Beside::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return static_cast<bool>(task_); })) {
    lock.unlock();
    task_();
    lock.lock();
    task_ = nullptr;
    changed_.notify_all();
  }
}

Crew::Crew() {
  const unsigned processors = std::clamp(std::thread::hardware_concurrency(), 2U, kCrewMax + 1);
  for (unsigned i = 1; i < processors; ++i) threads_.push_back(std::make_unique<Beside>());
}

void Crew::for_each(std::size_t count, const std::function<void(std::size_t)>& act) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) act(i);
  };
  for (const auto& thread : threads_) thread->start(take);
  take();
  for (const auto& thread : threads_) thread->wait();
}

}  // namespace hangu::audit
