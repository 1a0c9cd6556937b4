#pragma once
// Runs: the unit of parallel work. A run is a few neighbouring chunks, possibly of several small
// objects; runs are handed out in order, worked on by any thread, and committed in order again.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/chunk_tree.hpp"

namespace hangu::package {

/// Told how far an act has come. Called from the calling thread only.
using Progress = std::function<void(std::uint64_t bytes_done, std::uint64_t bytes_total)>;

/// Memory that the buffers of one act may take together, whatever the number of threads.
inline constexpr std::size_t kBufferBytesMax = std::size_t{46} << 20;
/// Chunks of one run at most: see run_chunks().
inline constexpr std::size_t kRunChunksMax = 16;
/// Objects that one run may touch (each may have a descriptor open).
inline constexpr std::size_t kRunPiecesMax = 8;
inline constexpr unsigned kThreadsMax = 16;

/// Threads to use when `asked` for (0 = all cores): 1..kThreadsMax.
[[nodiscard]] unsigned thread_count(unsigned asked);
/// Chunks of a run: as many as the hash has lanes (4 for SHA-256, 16 for SM3), or the fewer that
/// `threads` threads can each have in `bytes`; at least 1.
[[nodiscard]] std::size_t run_chunks(crypto::HashAlgorithm algorithm, unsigned threads,
                                     std::size_t bytes = kBufferBytesMax);

/// Consecutive chunks of one stream.
struct RunPiece {
  std::size_t stream = 0;
  std::uint64_t first_chunk = 0;
  std::uint64_t chunks = 0;
};

struct Run {
  std::uint64_t index = 0;
  std::vector<RunPiece> pieces;
};

/// RunCursor cuts streams first..first + sizes.size() - 1 into runs, in order.
class RunCursor {
 public:
  /// `sizes` are plain bytes of each stream and must outlive the cursor.
  RunCursor(std::span<const std::uint64_t> sizes, std::size_t first, std::size_t chunks_max)
      : sizes_(sizes), first_(first), chunks_max_(chunks_max) {}
  /// The next run; nothing at the end.
  [[nodiscard]] std::optional<Run> next();

 private:
  std::span<const std::uint64_t> sizes_;
  std::size_t first_;
  std::size_t chunks_max_;
  std::size_t at_ = 0;
  std::uint64_t chunk_ = 0;
  std::uint64_t index_ = 0;
};

/// The leaf hashes of a run, piece after piece; an empty stream has none.
using Leaves = std::vector<crypto::Hash>;

/// OrderedRuns works through runs on several threads.
struct OrderedRuns {
  /// The next run, or nothing; under the lock, in order.
  std::function<Result<std::optional<Run>>()> next;
  /// The work on one run with a buffer of `buffer_bytes`; no lock, any thread.
  std::function<Result<Leaves>(const Run&, MutableByteView)> work;
  /// Takes a finished run; under the lock, in order. Returns bytes done so far.
  std::function<Result<std::uint64_t>(const Run&, const Leaves&)> commit;
  std::size_t buffer_bytes = 0;
  unsigned threads = 1;
  std::uint64_t bytes_total = 0;
  Progress progress;

  /// Runs until the end or the first error (of the lowest run that failed).
  [[nodiscard]] Done go();
};

/// Starts `work` on `threads` threads, the calling one (as 0) among them, and waits for all. Where
/// no more threads can be had (a sandbox), those that run do the work.
void on_threads(unsigned threads, const std::function<void(unsigned)>& work);

}  // namespace hangu::package
