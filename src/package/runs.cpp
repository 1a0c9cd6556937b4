#include "package/runs.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include "base/limits.hpp"
#include "base/page_buffer.hpp"
#include "package/layout.hpp"

namespace hangu::package {
namespace {

// What crypto::leaf_hashes does at once on the processors that it has lanes for.
constexpr std::size_t kSha256Lanes = 4;
constexpr std::size_t kSm3Lanes = kRunChunksMax;

/// The shared state of OrderedRuns::go.
class Ordered {
 public:
  explicit Ordered(const OrderedRuns& plan) : plan_(plan) {}

  void take_runs(bool calling_thread) {
    PageBuffer buffer(plan_.buffer_bytes);
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopped_ || handed_ < committed_ + ahead_max(); });
      if (stopped_) break;
      auto run = plan_.next();
      if (!run) note(handed_, run.error());
      if (!run || !*run) {
        stopped_ = true;
        break;
      }
      ++handed_;
      lock.unlock();
      Result<Leaves> leaves = plan_.work(**run, buffer.view());
      lock.lock();
      finish(**std::move(run), std::move(leaves));
      if (calling_thread && plan_.progress) {
        const std::uint64_t done = bytes_done_;
        lock.unlock();
        plan_.progress(done, plan_.bytes_total);
        lock.lock();
      }
    }
    changed_.notify_all();
  }

  [[nodiscard]] Done result() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  struct Finished {
    Run run;
    Leaves leaves;
  };

  [[nodiscard]] std::uint64_t ahead_max() const { return 2 * std::uint64_t{plan_.threads}; }

  void note(std::uint64_t run, const Error& error) {
    if (!error_ || run < error_run_) {
      error_ = error;
      error_run_ = run;
    }
    stopped_ = true;
  }

  void finish(Run run, Result<Leaves> leaves) {
    const std::uint64_t index = run.index;
    if (!leaves) {
      note(index, leaves.error());
    } else {
      waiting_.emplace(index, Finished{std::move(run), *std::move(leaves)});
    }
    for (auto first = waiting_.begin(); first != waiting_.end() && first->first == committed_ &&
                                        !(error_ && error_run_ <= committed_);
         first = waiting_.erase(first)) {
      const auto done = plan_.commit(first->second.run, first->second.leaves);
      if (!done) return note(committed_, done.error());
      bytes_done_ = *done;
      ++committed_;
    }
    changed_.notify_all();
  }

  const OrderedRuns& plan_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t handed_ = 0;
  std::uint64_t committed_ = 0;
  std::uint64_t bytes_done_ = 0;
  bool stopped_ = false;
  std::map<std::uint64_t, Finished> waiting_;  // at most ahead_max()
  std::optional<Error> error_;
  std::uint64_t error_run_ = 0;
};

}  // namespace

unsigned thread_count(unsigned asked) {
  if (asked == 0) asked = std::max(1U, std::thread::hardware_concurrency());
  return std::min(asked, kThreadsMax);
}

std::size_t run_chunks(crypto::HashAlgorithm algorithm, unsigned threads, std::size_t bytes) {
  const std::size_t lanes = algorithm == crypto::HashAlgorithm::sm3 ? kSm3Lanes : kSha256Lanes;
  return std::clamp<std::size_t>(bytes / (threads * kSealedChunkBytes), 1, lanes);
}

std::optional<Run> RunCursor::next() {
  if (at_ == sizes_.size()) return std::nullopt;
  Run run{.index = index_++, .pieces = {}};
  std::uint64_t room = chunks_max_;
  while (at_ < sizes_.size() && room > 0 && run.pieces.size() < kRunPiecesMax) {
    const std::uint64_t all = sealed_chunk_count(sizes_[at_]);
    const std::uint64_t taken = std::min(room, all - chunk_);
    run.pieces.push_back({.stream = first_ + at_, .first_chunk = chunk_, .chunks = taken});
    room -= taken;
    chunk_ += taken;
    if (chunk_ == all) {
      ++at_;
      chunk_ = 0;
    }
  }
  return run;
}

Done OrderedRuns::go() {
  Ordered shared(*this);
  on_threads(threads, [&shared](unsigned thread) { shared.take_runs(thread == 0); });
  HANGU_CHECK(shared.result());
  if (progress) progress(bytes_total, bytes_total);
  return {};
}

void on_threads(unsigned threads, const std::function<void(unsigned)>& work) {
  std::vector<std::jthread> others;
  try {
    for (unsigned i = 1; i < threads; ++i) others.emplace_back([&work, i] { work(i); });
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): see below.
    // Fewer threads than wished for: a sandbox or a limit.
  }
  work(0);
}

}  // namespace hangu::package
