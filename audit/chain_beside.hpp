#pragma once
// ChainBeside: the SM3 chain over a log's entries, made on a thread of its own: it takes longer
// than all else that is done for an entry, and nobody asks for it before an epoch ends.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace hangu::audit {

/// Memory: `waiting_bytes_max` and two bundles more. Thread: whoever owns it.
class ChainBeside {
 public:
  explicit ChainBeside(std::size_t waiting_bytes_max = std::size_t{64} << 20);
  ~ChainBeside();
  ChainBeside(const ChainBeside&) = delete;
  ChainBeside& operator=(const ChainBeside&) = delete;

  /// The chain over the entries before `index`.
  struct Reached {
    std::uint64_t index = 0;
    crypto::Hash value{};
  };

  /// The next entry is that at `from.index`; what was given before is of no use. Where the last
  /// epoch of a log begins is known only once everything was read: until then it is a guess.
  void restart(const Reached& from);
  /// The next entry; of no effect before the first restart. Waits when too much waits.
  void add(ByteView entry);
  /// The chain over all that was given. Entry 0: there was no restart.
  [[nodiscard]] Reached finish();

 private:
  void work();
  void hand_over();

  const std::size_t waiting_bytes_max_;
  bool started_ = false;
  Bytes bundle_;               ///< entries that are not handed over yet
  std::uint64_t entries_ = 0;  ///< of bundle_

  struct Waiting {
    Bytes bundle;
    std::uint64_t entries = 0;
  };
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  Reached reached_;
  std::uint64_t starts_ = 0;  ///< tells what was begun before a restart
  bool busy_ = false;
  bool ending_ = false;
  std::thread thread_;  ///< last: it uses the rest
};

}  // namespace hangu::audit
