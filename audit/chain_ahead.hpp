#pragma once
// ChainAhead: the SM3 chain of the present epoch, made beside while a log is opened: it takes
// longer than all else that opening does with an entry. Where the last epoch begins is known for
// certain only once everything was read, so it begins where that is likely.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

namespace hangu::audit {

/// Memory: `waiting_bytes_max`. Thread: whoever owns it.
class ChainAhead {
 public:
  explicit ChainAhead(std::size_t waiting_bytes_max = std::size_t{64} << 20);
  ~ChainAhead();
  ChainAhead(const ChainAhead&) = delete;
  ChainAhead& operator=(const ChainAhead&) = delete;

  /// The chain over the entries before `index`.
  struct Reached {
    std::uint64_t index = 0;
    crypto::Hash value{};
  };

  /// The next entry is that at `from.index`; what was given before is of no use.
  void restart(const Reached& from);
  /// The next entry; of no effect before the first restart. What does not fit the memory is left
  /// out, and all behind it.
  void add(ByteView entry);
  /// How far it came, once it is done with what it was given. Entry 0: there was no restart.
  [[nodiscard]] Reached finish();

 private:
  void work();
  void hand_over();

  const std::size_t waiting_bytes_max_;
  Bytes bundle_;               ///< entries that are not handed over yet
  std::uint64_t entries_ = 0;  ///< of bundle_
  bool full_ = true;           ///< until the next restart

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
