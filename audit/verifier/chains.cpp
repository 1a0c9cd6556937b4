#include "audit/verifier/chains.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "audit/verifier/sm3_lanes.hpp"

namespace hangu_verify {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::size_t kLengthBytes = 8;
constexpr std::array<std::uint8_t, kBlockBytes> kIdleBlock{};

/// The entries of one epoch as padded SM3 messages, one after the other.
class Messages {
 public:
  Messages(const LogFiles& files, std::uint64_t size) : files_(files), size_(size) {}

  void begin(const ClosedEpoch& epoch) {
    next_ = epoch.chain_start.from;
    end_ = epoch.size - 1;
  }
  [[nodiscard]] bool at_end() const { return next_ == end_; }
  /// chain ‖ the next entry, padded (GB/T 32905 §5.2); empty when it cannot be read.
  const std::vector<std::uint8_t>& next(const Hash& chain) {
    message_.clear();
    const auto entry = read(next_++);
    if (!entry) return message_;
    message_.assign(chain.begin(), chain.end());
    const auto bytes = octets(*entry);
    message_.insert(message_.end(), bytes.begin(), bytes.end());
    const std::uint64_t bits = 8 * message_.size();
    message_.push_back(0x80);
    const std::size_t blocks = (message_.size() + kLengthBytes + kBlockBytes - 1) / kBlockBytes;
    message_.resize(blocks * kBlockBytes - kLengthBytes);
    for (int shift = 56; shift >= 0; shift -= 8)
      message_.push_back(static_cast<std::uint8_t>(bits >> shift));
    return message_;
  }

 private:
  std::optional<std::string_view> read(std::uint64_t index) {
    const std::uint64_t number = index / kTileWidth;
    if (number != number_) {
      const std::uint64_t width = std::min(kTileWidth, size_ - number * kTileWidth);
      TileName name{"entries", number, width};
      bytes_ = files_.read_tile(name).value_or("");
      std::string_view rest;
      (void)read_bundle(bytes_, width, entries_, rest);
      number_ = number;
    }
    const std::uint64_t place = index % kTileWidth;
    if (place >= entries_.size()) return std::nullopt;
    return entries_[place];
  }

  const LogFiles& files_;
  std::uint64_t size_;
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t number_ = ~std::uint64_t{0};
  std::string bytes_;
  std::vector<std::string_view> entries_;  ///< into bytes_
  std::vector<std::uint8_t> message_;
};

/// What all threads share.
struct Work {
  const std::vector<ClosedEpoch>& epochs;
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::vector<std::size_t> broken;
  std::exception_ptr problem;  ///< that ended a thread
};

/// One lane: an epoch, its present message, and how far that is.
struct Lane {
  explicit Lane(Messages reader) : messages(std::move(reader)) {}
  Messages messages;
  std::size_t epoch = 0;
  Hash chain{};
  const std::vector<std::uint8_t>* message = nullptr;  ///< none: idle
  std::size_t at = 0;
};

/// Eight epochs at a time. Thread: one.
class Runner {
 public:
  Runner(const LogFiles& files, std::uint64_t size, Work& work)
      : work_(work), lanes_(kLanes, Lane(Messages(files, size))) {}

  void run() {
    while (fill()) {
      std::array<const std::uint8_t*, kLanes> blocks{};
      for (std::size_t i = 0; i < kLanes; ++i)
        blocks[i] = lanes_[i].message == nullptr ? kIdleBlock.data()
                                                 : lanes_[i].message->data() + lanes_[i].at;
      sm3_.add(blocks);
      for (std::size_t i = 0; i < kLanes; ++i)
        if (lanes_[i].message != nullptr) advance(i);
    }
  }

 private:
  /// Gives idle lanes epochs; false when none is under way any more.
  bool fill() {
    bool busy = false;
    for (std::size_t i = 0; i < kLanes; ++i) {
      Lane& lane = lanes_[i];
      while (lane.message == nullptr && work_.next < work_.epochs.size()) {
        const std::size_t mine = work_.next++;
        if (mine >= work_.epochs.size()) break;
        lane.epoch = mine;
        lane.chain = work_.epochs[mine].chain_start.value;
        lane.messages.begin(work_.epochs[mine]);
        go_on(i);
      }
      busy = busy || lane.message != nullptr;
    }
    return busy;
  }

  void advance(std::size_t i) {
    Lane& lane = lanes_[i];
    lane.at += kBlockBytes;
    if (lane.at < lane.message->size()) return;
    lane.chain = sm3_.digest(i);
    go_on(i);
  }

  /// The lane's next message, or the end of its epoch.
  void go_on(std::size_t i) {
    Lane& lane = lanes_[i];
    lane.message = nullptr;
    const ClosedEpoch& epoch = work_.epochs[lane.epoch];
    if (lane.messages.at_end()) {
      if (to_hex(lane.chain) != epoch.chain) tell_broken(lane.epoch);
      return;
    }
    const auto& message = lane.messages.next(lane.chain);
    if (message.empty()) return tell_broken(lane.epoch);
    lane.message = &message;
    lane.at = 0;
    sm3_.begin(i);
  }

  void tell_broken(std::size_t epoch) {
    const std::lock_guard lock(work_.mutex);
    work_.broken.push_back(epoch);
  }

  Work& work_;
  std::vector<Lane> lanes_;
  Sm3Lanes sm3_{};
};

std::vector<std::size_t> broken_chains(const LogFiles& files, std::uint64_t size,
                                       const std::vector<ClosedEpoch>& epochs, unsigned threads) {
  Work work{.epochs = epochs, .next = 0, .mutex = {}, .broken = {}, .problem = {}};
  const auto run = [&] {
    try {
      Runner(files, size, work).run();
    } catch (...) {
      const std::lock_guard lock(work.mutex);
      work.problem = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> runners;
    for (unsigned i = 1; i < threads && i * kLanes < epochs.size(); ++i) runners.emplace_back(run);
    run();
  }
  if (work.problem) std::rethrow_exception(work.problem);
  std::ranges::sort(work.broken);
  return work.broken;
}

}  // namespace

void check_chains(const LogFiles& files, std::uint64_t size, const Epochs& epochs, unsigned threads,
                  Report& report) {
  const std::vector<ClosedEpoch>& closed = epochs.closed();
  report.epochs = epochs.number();
  for (const std::size_t broken : broken_chains(files, size, closed, threads))
    report.bad_entry(closed[broken].size - 1, "epoch-chain", {}, closed[broken].place,
                     closed[broken].offset);
}

}  // namespace hangu_verify
