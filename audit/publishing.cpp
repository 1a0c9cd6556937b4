#include "audit/publishing.hpp"

#include <utility>

namespace hangu::audit {

PublishingThread::PublishingThread(Publisher publisher)
    : publisher_(std::move(publisher)), thread_([this] { run(); }) {}

PublishingThread::~PublishingThread() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void PublishingThread::ask(std::uint64_t size) {
  HANGU_ASSERT(!asked_);
  asked_ = true;
  {
    const std::lock_guard lock(mutex_);
    order_ = size;
  }
  changed_.notify_all();
}

void PublishingThread::cosign(CosignedHead head) {
  {
    const std::lock_guard lock(mutex_);
    cosigned_ = std::move(head);
  }
  changed_.notify_all();
}

std::optional<Result<TreeHead>> PublishingThread::take() {
  const std::lock_guard lock(mutex_);
  if (failure_) return Result<TreeHead>(std::unexpected(*failure_));
  std::optional<Result<TreeHead>> taken = std::exchange(result_, std::nullopt);
  if (taken) asked_ = false;
  return taken;
}

Result<TreeHead> PublishingThread::wait() {
  HANGU_ASSERT(asked_);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return result_.has_value() || failure_.has_value(); });
  if (failure_) return std::unexpected(*failure_);
  Result<TreeHead> taken = *std::exchange(result_, std::nullopt);
  asked_ = false;
  return taken;
}

void PublishingThread::run() {
  std::unique_lock lock(mutex_);
  while (true) {  // ends: by the destructor
    changed_.wait(lock, [this] { return ending_ || order_.has_value() || cosigned_.has_value(); });
    if (ending_) return;
    const std::optional<std::uint64_t> size = std::exchange(order_, std::nullopt);
    std::optional<CosignedHead> head;
    if (!size) head = std::exchange(cosigned_, std::nullopt);
    if (failure_) {  // what the disk holds is unknown: nothing is tried again
      cosigned_.reset();
      changed_.notify_all();
      continue;
    }
    lock.unlock();
    Result<TreeHead> result = size ? publisher_.publish(*size) : cosigned(*head);
    lock.lock();
    if (!result) failure_ = result.error();
    if (size && result) result_ = std::move(result);
    changed_.notify_all();
    if (!size || failure_ || ending_) continue;
    lock.unlock();
    const Done ahead = publisher_.look_ahead([this] { return is_idle(); });
    lock.lock();
    if (ahead) continue;
    failure_ = ahead.error();
    changed_.notify_all();
  }
}

bool PublishingThread::is_idle() {
  const std::lock_guard lock(mutex_);
  return !ending_ && !order_ && !cosigned_;
}

Result<TreeHead> PublishingThread::cosigned(const CosignedHead& head) {
  HANGU_CHECK(publisher_.cosign(head));
  return publisher_.published();
}

}  // namespace hangu::audit
