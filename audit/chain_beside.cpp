#include "audit/chain_beside.hpp"

#include <utility>

#include "audit/epoch_entries.hpp"
#include "audit/tile.hpp"
#include "base/limits.hpp"

namespace hangu::audit {
namespace {

constexpr std::size_t kHandOverBytes = std::size_t{64} << 10;
constexpr std::size_t kBundleBytes = kHandOverBytes + 2 + kEntryBytesMax;

}  // namespace

ChainBeside::ChainBeside(std::size_t waiting_bytes_max)
    : waiting_bytes_max_(waiting_bytes_max), thread_([this] { work(); }) {}

ChainBeside::~ChainBeside() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ChainBeside::restart(const Reached& from) {
  bundle_.clear();
  entries_ = 0;
  started_ = true;
  const std::lock_guard lock(mutex_);
  waiting_.clear();
  waiting_bytes_ = 0;
  reached_ = from;
  ++starts_;
}

void ChainBeside::add(ByteView entry) {
  if (!started_) return;
  bundle_.reserve(kBundleBytes);
  append_to_bundle(bundle_, entry);
  ++entries_;
  if (bundle_.size() >= kHandOverBytes) hand_over();
}

void ChainBeside::hand_over() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      return waiting_.empty() || waiting_bytes_ + bundle_.capacity() <= waiting_bytes_max_;
    });
    waiting_bytes_ += bundle_.capacity();
    waiting_.push_back({.bundle = std::move(bundle_), .entries = entries_});
  }
  bundle_ = {};
  entries_ = 0;
  changed_.notify_all();
}

ChainBeside::Reached ChainBeside::finish() {
  if (entries_ > 0) hand_over();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && !busy_; });
  return reached_;
}

void ChainBeside::work() {
  std::unique_lock lock(mutex_);
  while (true) {  // ends: by the destructor
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= next.bundle.capacity();
    const std::uint64_t start = starts_;
    Reached reached = reached_;
    busy_ = true;
    lock.unlock();
    const auto entries = parse_bundle(next.bundle, static_cast<std::size_t>(next.entries));
    HANGU_ASSERT(entries.has_value());  // made by add()
    for (const ByteView entry : *entries) reached.value = chain_on(reached.value, entry);
    reached.index += next.entries;
    lock.lock();
    if (start == starts_) reached_ = reached;
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace hangu::audit
