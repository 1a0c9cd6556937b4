#pragma once
// PublishingThread runs a Publisher behind the commits, so that no acknowledgement waits for tiles.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include "audit/publisher.hpp"

namespace hangu::audit {

/// One round at a time: ask(), then take() until it gives the round's result. After the first
/// error, of a round or of cosign(), nothing is done any more, and take() and wait() give that
/// error, each time: what the disk holds is unknown, and the log must be closed. Thread: one
/// caller; the publisher runs on a thread of its own, which the destructor joins.
class PublishingThread {
 public:
  explicit PublishingThread(Publisher publisher);
  ~PublishingThread();
  PublishingThread(const PublishingThread&) = delete;
  PublishingThread& operator=(const PublishingThread&) = delete;

  /// Starts a round up to `size`; a defect while one runs.
  void ask(std::uint64_t size);
  [[nodiscard]] bool busy() const { return asked_; }
  /// Has the lines of witnesses put under the checkpoint of `head`, behind a round that runs. The
  /// newest call counts.
  void cosign(CosignedHead head);
  /// The finished round's result, or nothing while none is finished.
  [[nodiscard]] std::optional<Result<TreeHead>> take();
  /// As take(), but waits for the running round.
  [[nodiscard]] Result<TreeHead> wait();

 private:
  void run();
  [[nodiscard]] bool is_idle();
  [[nodiscard]] Result<TreeHead> cosigned(const CosignedHead& head);

  Publisher publisher_;
  bool asked_ = false;  ///< the caller's own view
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::uint64_t> order_;
  std::optional<CosignedHead> cosigned_;
  std::optional<Result<TreeHead>> result_;
  std::optional<Error> failure_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace hangu::audit
