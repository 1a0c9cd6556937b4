#include "audit/crew.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace hangu::audit {

Beside::Beside() : thread_([this] { work(); }) {}

Beside::~Beside() {
  wait();
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  given_.notify_one();
  thread_.join();
}

void Beside::start(std::function<void()> task) {
  wait();
  {
    const std::lock_guard lock(mutex_);
    task_ = std::move(task);
  }
  given_.notify_one();
}

void Beside::wait() {
  std::unique_lock lock(mutex_);
  if (const std::function<void()> untouched = std::exchange(task_, nullptr)) {
    lock.unlock();
    untouched();
    return;
  }
  done_.wait(lock, [this] { return !busy_; });
}

void Beside::work() {
  std::unique_lock lock(mutex_);
  while (true) {  // ends: by the destructor
    given_.wait(lock, [this] { return ending_ || task_; });
    if (ending_) return;
    const std::function<void()> task = std::exchange(task_, nullptr);
    if (!task) continue;
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
  for (unsigned i = 1; i < processors; ++i) threads_.push_back(std::make_unique<Beside>());
}

void Crew::for_each(std::size_t count, const std::function<void(std::size_t)>& act) {
  std::atomic<std::size_t> next = 0;
  const auto take = [&] {
    for (std::size_t i = next++; i < count; i = next++) act(i);
  };
  std::vector<std::unique_ptr<Waits>> waits;
  waits.reserve(threads_.size());
  for (const auto& thread : threads_) {
    waits.push_back(std::make_unique<Waits>(*thread));
    thread->start(take);
  }
  take();
}

}  // namespace hangu::audit
