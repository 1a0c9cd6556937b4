#pragma once
// JobPool: the threads beside the custodian's loop. Hashing and the audit log have their own, so
// that neither waits for the other.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "ledger/custodian.hpp"
#include "os/channel.hpp"

namespace hangu::ledger {

inline constexpr std::size_t kJobsMax = 512;  ///< waiting or running, of one kind
inline constexpr unsigned kDiskThreads = 2;   ///< each hashes on all cores
inline constexpr unsigned kAuditThreads = 1;  ///< AuditLog takes one call at a time

/// A job that ran: for whom, and what is left to do on the loop.
struct FinishedJob {
  std::uint64_t ticket = 0;
  Finish finish;
};

/// Thread: the loop's for everything public. The destructor waits for running jobs and drops
/// waiting ones.
class JobPool {
 public:
  [[nodiscard]] static Result<std::unique_ptr<JobPool>> start();
  ~JobPool();

  /// False, and the job is dropped, when kJobsMax of its kind wait or run.
  [[nodiscard]] bool submit(Later later, std::uint64_t ticket);
  [[nodiscard]] std::vector<FinishedJob> take_finished();
  /// Readable when there is something to take.
  [[nodiscard]] os::FdView wake() const { return wake_read_.view(); }

 private:
  struct Waiting {
    std::uint64_t ticket = 0;
    Job job;
  };
  struct Queue {
    std::deque<Waiting> waiting;
    std::size_t running = 0;
    std::condition_variable came;
  };

  JobPool(os::Channel wake_read, os::Channel wake_write)
      : wake_read_(std::move(wake_read)), wake_write_(std::move(wake_write)) {}
  void work(Queue& queue);
  Queue& queue_of(JobKind kind) { return kind == JobKind::disk ? disk_ : audit_; }

  os::Channel wake_read_;
  os::Channel wake_write_;
  std::mutex mutex_;
  bool stopping_ = false;
  Queue disk_;
  Queue audit_;
  std::vector<FinishedJob> finished_;
  std::vector<std::jthread> threads_;
};

}  // namespace hangu::ledger
