#include "ledger/job_pool.hpp"

#include <system_error>

namespace hangu::ledger {
namespace {

constexpr std::chrono::milliseconds kAtOnce{0};
constexpr std::array<std::byte, 1> kWakeByte{std::byte{1}};

}  // namespace

Result<std::unique_ptr<JobPool>> JobPool::start() {
  HANGU_TRY(auto wake, os::Channel::pair());
  std::unique_ptr<JobPool> pool(new JobPool(std::move(wake.first), std::move(wake.second)));
  try {
    for (unsigned i = 0; i < kDiskThreads; ++i) {
      pool->threads_.emplace_back([p = pool.get()] { p->work(p->disk_); });
    }
    for (unsigned i = 0; i < kAuditThreads; ++i) {
      pool->threads_.emplace_back([p = pool.get()] { p->work(p->audit_); });
    }
  } catch (const std::system_error& error) {
    return fail(ErrorCode::internal, "threads-failed", error.what());
  }
  return pool;
}

JobPool::~JobPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  disk_.came.notify_all();
  audit_.came.notify_all();
  threads_.clear();  // joins
}

bool JobPool::submit(Later later, std::uint64_t ticket) {
  Queue& queue = queue_of(later.kind);
  bool room = false;
  {
    const std::lock_guard lock(mutex_);
    room = queue.waiting.size() + queue.running < kJobsMax;
    if (room) queue.waiting.push_back({.ticket = ticket, .job = std::move(later.job)});
  }
  if (room) {
    queue.came.notify_one();
  } else {
    later.dropped();
  }
  return room;
}

void JobPool::work(Queue& queue) {
  while (true) {  // ends: when the pool stops
    Waiting next;
    {
      std::unique_lock lock(mutex_);
      queue.came.wait(lock, [&] { return stopping_ || !queue.waiting.empty(); });
      if (stopping_) return;
      next = std::move(queue.waiting.front());
      queue.waiting.pop_front();
      ++queue.running;
    }
    Finish finish = next.job();
    {
      const std::lock_guard lock(mutex_);
      --queue.running;
      finished_.push_back({.ticket = next.ticket, .finish = std::move(finish)});
      // A full channel wakes the loop as well.
      (void)wake_write_.send(kWakeByte, kAtOnce).has_value();
    }
  }
}

std::vector<FinishedJob> JobPool::take_finished() {
  const std::lock_guard lock(mutex_);
  std::vector<FinishedJob> finished = std::exchange(finished_, {});
  for (std::size_t i = 0; i < 2 * kJobsMax; ++i) {
    if (!wake_read_.receive(kAtOnce)) break;
  }
  return finished;
}

}  // namespace hangu::ledger
