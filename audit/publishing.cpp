#include "audit/publishing.hpp"

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
  std::optional<Result<TreeHead>> taken = std::move(result_);
  result_.reset();
  if (taken) asked_ = false;
  return taken;
}

Result<TreeHead> PublishingThread::wait() {
  HANGU_ASSERT(asked_);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return result_.has_value(); });
  Result<TreeHead> taken = *std::move(result_);
  result_.reset();
  asked_ = false;
  return taken;
}

void PublishingThread::run() {
  std::unique_lock lock(mutex_);
  while (true) {  // ends: by the destructor
    changed_.wait(lock, [this] { return ending_ || order_.has_value() || cosigned_.has_value(); });
    if (ending_) return;
    if (!order_) {
      const CosignedHead head = *std::exchange(cosigned_, std::nullopt);
      lock.unlock();
      const Done kept = publisher_.cosign(head);
      lock.lock();
      if (!kept) result_ = std::unexpected(kept.error());
      continue;
    }
    const std::uint64_t size = *order_;
    order_.reset();
    lock.unlock();
    Result<TreeHead> result = publisher_.publish(size);
    lock.lock();
    result_ = std::move(result);
    changed_.notify_all();
  }
}

}  // namespace hangu::audit
