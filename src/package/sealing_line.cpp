// The package is produced in a ring of memory that stands for a moving part of the file. Two kinds
// of task fill and empty it: a *run* seals some chunks into their place (read, leaf hash, seal in
// place), a *window* takes a finished piece of the package, aligned as the package's own chunk tree
// cuts it (leaf hash, write). Runs are handed out in order and so are windows; both may finish in
// any order, and their hashes are put into the trees in order. No barrier: a thread takes whatever
// is ready, windows first, since they free memory.

#include "package/sealing_line.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <optional>

#include "base/page_buffer.hpp"
#include "base/text.hpp"
#include "os/file.hpp"
#include "package/growing_tree.hpp"

namespace hangu::package {
namespace {

constexpr crypto::HashAlgorithm kPackageHash = crypto::HashAlgorithm::sha256;
/// The last chunk in the ring may stand out by almost its own length.
constexpr std::size_t kRingSlackBytes = kSealedChunkBytes;
/// Chunks of a window at most: the lanes of SHA-256.
constexpr std::size_t kWindowChunksMax = 4;

bool is_regular(os::FdView file) {
  struct stat status{};
  return ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode);
}

/// Ring holds package bytes [freed, freed + capacity), each at its offset modulo the capacity.
class Ring {
 public:
  explicit Ring(std::size_t capacity) : capacity_(capacity), memory_(capacity + kRingSlackBytes) {}
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  /// `bytes` (at most one sealed chunk, or a whole window) from `offset`, in one piece.
  [[nodiscard]] MutableByteView at(std::uint64_t offset, std::size_t bytes) {
    return memory_.view().subspan(static_cast<std::size_t>(offset % capacity_), bytes);
  }
  /// After at(offset, bytes) was filled: puts what stands over the end at the beginning.
  void wrap(std::uint64_t offset, std::size_t bytes) {
    const std::size_t end = static_cast<std::size_t>(offset % capacity_) + bytes;
    if (end > capacity_)
      std::ranges::copy(memory_.view().subspan(capacity_, end - capacity_), memory_.view().begin());
  }

 private:
  std::size_t capacity_;
  PageBuffer memory_;
};

/// How the ring is cut for a package and a number of threads: room for a run and a window of each
/// thread, a window that fills, and a chunk for what the tags add.
struct RingPlan {
  unsigned threads;
  std::size_t run_chunks;
  std::size_t window_bytes;
  std::size_t capacity;

  static RingPlan create(const SealingWork& work) {
    constexpr std::size_t kRoom = kBufferBytesMax / kChunkBytes;
    const std::uint64_t package_chunks =
        crypto::chunk_count(statement_length_at(work.header) + kStatementLengthBytes +
                            sealed_bytes(kStatementBytesMax));
    const std::uint64_t object_chunks = crypto::chunk_count(work.header.objects_bytes);
    unsigned threads = thread_count(work.threads);
    const std::size_t window = std::clamp<std::size_t>(kRoom / (4 * threads), 1, kWindowChunksMax);
    const std::size_t beside_runs = (threads + 1) * window + 1;
    const std::size_t run = package::run_chunks(crypto::hash_of(work.header.suite), threads,
                                                (kRoom - beside_runs) * kSealedChunkBytes);
    threads = static_cast<unsigned>(std::min<std::uint64_t>(threads, 1 + object_chunks / run));
    const std::uint64_t capacity =
        round_up(threads * (run + window) + window + 1, window);  // windows never wrap
    return {.threads = threads,
            .run_chunks = run,
            .window_bytes = window * kChunkBytes,
            .capacity = static_cast<std::size_t>(std::min(capacity, package_chunks)) * kChunkBytes};
  }

 private:
  static std::uint64_t round_up(std::uint64_t n, std::uint64_t unit) {
    return (n + unit - 1) / unit * unit;
  }
};

class SealingLine {
 public:
  SealingLine(const SealingWork& work, Layout layout)
      : work_(work),
        algorithm_(crypto::hash_of(work.header.suite)),
        context_(work.header.chunk_context()),
        plan_(RingPlan::create(work)),
        by_position_(is_regular(work.out)),
        ring_(plan_.capacity),
        layout_(std::move(layout)),
        sizes_(sizes_of(work.outline)),
        cursor_(sizes_, 1, plan_.run_chunks),
        object_tree_(algorithm_),
        rows_(work.outline.rows()) {
    const Bytes header = work.header.to_bytes();  // far below the first window's end
    std::ranges::copy(header, ring_.at(0, header.size()).begin());
    sealed_to_ = header.size();
    next_run_ = cursor_.next();
  }

  Result<crypto::ObjectDigest> go() {
    on_threads(plan_.threads, [this](unsigned thread) { take_tasks(thread == 0); });
    if (error_) return std::unexpected(*error_);
    if (work_.progress) work_.progress(total_, total_);
    return crypto::ObjectDigest{
        .algorithm = kPackageHash, .size = total_, .root = package_tree_.root()};
  }

 private:
  struct SealedRun {
    Run run;
    Leaves leaves;
    std::uint64_t end;
  };

  static std::vector<std::uint64_t> sizes_of(const flow::ObjectTable& table) {
    std::vector<std::uint64_t> sizes;
    for (const flow::ObjectRow& row : table.rows()) sizes.push_back(row.digest.size);
    return sizes;
  }

  void take_tasks(bool calling_thread) {
    std::unique_lock lock(mutex_);
    while (!error_ && written_to_ < total_) {
      if (window_ready()) {
        do_window(lock);
      } else if (run_ready()) {
        do_run(lock);
      } else {
        changed_.wait(lock);
        continue;
      }
      changed_.notify_all();
      if (calling_thread && work_.progress) {
        const std::uint64_t done = written_to_;
        const std::uint64_t total = std::max(done, statement_length_at(work_.header));
        lock.unlock();
        work_.progress(done, total);
        lock.lock();
      }
    }
    changed_.notify_all();
  }

  [[nodiscard]] std::uint64_t window_end(std::uint64_t window) const {
    return std::min((window + 1) * plan_.window_bytes, total_);
  }
  [[nodiscard]] bool window_ready() const {
    return next_window_ * plan_.window_bytes < total_ && window_end(next_window_) <= sealed_to_ &&
           (by_position_ || windows_open_ == 0);
  }
  [[nodiscard]] std::uint64_t run_end(const Run& run) const {
    const RunPiece& last = run.pieces.back();
    const std::uint64_t chunk = last.first_chunk + last.chunks - 1;
    return layout_.chunk_at(last.stream, chunk) +
           chunk_bytes(layout_.plain_bytes(last.stream), chunk) + crypto::kTagBytes;
  }
  [[nodiscard]] bool run_ready() const {
    return next_run_ && run_end(*next_run_) <= written_to_ + ring_.capacity();
  }

  void do_run(std::unique_lock<std::mutex>& lock) {
    Run run = *std::move(next_run_);
    next_run_ = cursor_.next();
    ++runs_handed_;
    lock.unlock();
    Result<Leaves> leaves = seal_run(run);
    lock.lock();
    if (!leaves) return note(leaves.error());
    const std::uint64_t end = run_end(run);
    const std::uint64_t index = runs_before_ + run.index;
    sealed_.emplace(index, SealedRun{std::move(run), *std::move(leaves), end});
    for (auto first = sealed_.begin(); first != sealed_.end() && first->first == runs_sealed_;
         first = sealed_.erase(first)) {
      take_leaves(first->second);
      sealed_to_ = first->second.end;
      ++runs_sealed_;
    }
    if (statement_.empty() && !next_run_ && runs_sealed_ == runs_handed_) begin_statement(lock);
  }

  Result<Leaves> seal_run(const Run& run) {
    Leaves leaves;
    for (const RunPiece& piece : run.pieces) HANGU_CHECK(seal_piece(piece, leaves));
    return leaves;
  }

  [[nodiscard]] Source source_of(std::size_t stream) const {
    return stream == 0 ? Source(bytes_of(statement_)) : work_.sources[stream - 1];
  }

  Done seal_piece(const RunPiece& piece, Leaves& leaves) {
    const auto stream = static_cast<std::uint32_t>(piece.stream);
    const std::uint64_t size = layout_.plain_bytes(piece.stream);
    HANGU_TRY(const SourceReader source, SourceReader::open(source_of(piece.stream)));
    HANGU_TRY(const crypto::ChunkSealer sealer,
              crypto::ChunkSealer::create(work_.key, stream, context_));
    if (stream == 0 && piece.first_chunk == 0) put_statement_length();
    std::array<ByteView, kRunChunksMax> plain;
    for (std::uint64_t i = 0; i < piece.chunks; ++i) {
      const std::uint64_t chunk = piece.first_chunk + i;
      const MutableByteView place =
          ring_.at(layout_.chunk_at(piece.stream, chunk), chunk_bytes(size, chunk));
      HANGU_CHECK(source.read(chunk * kChunkBytes, place));
      plain[static_cast<std::size_t>(i)] = place;
    }
    source.let_go(piece.first_chunk * kChunkBytes, piece.chunks * kChunkBytes);
    const auto chunks =
        std::span<const ByteView>(plain).first(static_cast<std::size_t>(piece.chunks));
    if (stream != 0 && size != 0)  // the empty object has no leaf
      crypto::leaf_hashes(algorithm_, chunks, leaves);
    for (std::uint64_t i = 0; i < piece.chunks; ++i) {
      const std::uint64_t chunk = piece.first_chunk + i;
      const std::uint64_t at = layout_.chunk_at(piece.stream, chunk);
      const ByteView bytes = plain[static_cast<std::size_t>(i)];
      const std::size_t sealed = bytes.size() + crypto::kTagBytes;
      HANGU_CHECK(
          sealer.seal(chunk, chunk + 1 == sealed_chunk_count(size), bytes, ring_.at(at, sealed)));
      ring_.wrap(at, sealed);
    }
    return {};
  }

  void put_statement_length() {
    const std::uint64_t at = statement_length_at(work_.header);
    store_u32(ring_.at(at, kStatementLengthBytes), static_cast<std::uint32_t>(statement_.size()));
    ring_.wrap(at, kStatementLengthBytes);
  }

  /// Puts a run's leaves into their objects' trees, and the finished roots into the table.
  void take_leaves(const SealedRun& sealed) {
    auto leaf = sealed.leaves.begin();
    for (const RunPiece& piece : sealed.run.pieces) {
      if (piece.stream == 0) continue;
      crypto::ObjectDigest& digest = rows_[piece.stream - 1].digest;
      const std::uint64_t end =
          std::min(piece.first_chunk + piece.chunks, crypto::chunk_count(digest.size));
      for (std::uint64_t i = piece.first_chunk; i < end; ++i) object_tree_.add(*leaf++);
      if (piece.first_chunk + piece.chunks != sealed_chunk_count(digest.size)) continue;
      digest.root = object_tree_.root();
      object_tree_ = GrowingTree(algorithm_);
    }
  }

  /// Every object is sealed: the statement about them is made, and is what comes next. No other
  /// run is at work then, so what runs read may change here.
  void begin_statement(std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    Result<std::string> statement = state();
    lock.lock();
    if (!statement) return note(statement.error());
    statement_ = *std::move(statement);
    // The outline's sizes are those of the header: only the statement's length is new.
    layout_ = *Layout::create(work_.header, work_.outline, statement_.size());
    total_ = layout_.total_bytes();
    sizes_ = {statement_.size()};
    cursor_ = RunCursor(sizes_, 0, plan_.run_chunks);
    runs_before_ = runs_handed_;
    next_run_ = cursor_.next();
  }

  Result<std::string> state() {
    for (std::size_t i = 0; i < sizes_.size(); ++i) {  // a source that grew behind what was sealed
      HANGU_TRY(const std::uint64_t size, source_bytes(work_.sources[i]));
      if (size != sizes_[i])
        return fail(ErrorCode::corrupt, "source-changed",
                    printable(rows_[i].name, 100) + ": its size changed");
    }
    HANGU_TRY(const flow::ObjectTable table, flow::ObjectTable::create(std::move(rows_)));
    return work_.statement_of(table);
  }

  void do_window(std::unique_lock<std::mutex>& lock) {
    const std::uint64_t window = next_window_++;
    ++windows_open_;
    const std::uint64_t end = window_end(window);
    lock.unlock();
    Leaves leaves;
    const Done done = write_window(window, end, leaves);
    lock.lock();
    --windows_open_;
    if (!done) return note(done.error());
    written_.emplace(window, std::move(leaves));
    for (auto first = written_.begin(); first != written_.end() && first->first == windows_written_;
         first = written_.erase(first)) {
      for (const crypto::Hash& leaf : first->second) package_tree_.add(leaf);
      written_to_ = window_end(windows_written_++);
    }
  }

  Done write_window(std::uint64_t window, std::uint64_t end, Leaves& leaves) {
    const std::uint64_t start = window * plan_.window_bytes;
    const ByteView bytes = ring_.at(start, static_cast<std::size_t>(end - start));
    crypto::leaf_hashes(kPackageHash, bytes, leaves);
    return by_position_ ? os::write_all_at(work_.out, start, bytes)
                        : os::write_all(work_.out, bytes);
  }

  void note(const Error& error) {
    if (!error_) error_ = error;
  }

  const SealingWork& work_;
  const crypto::HashAlgorithm algorithm_;
  const crypto::Hash context_;
  const RingPlan plan_;
  const bool by_position_;
  Ring ring_;  // its parts belong to the run or window that was handed out for them
  // Changed by begin_statement only, when no run is at work.
  Layout layout_;
  std::vector<std::uint64_t> sizes_;  // of what the cursor cuts
  std::string statement_;

  std::mutex mutex_;  // guards all that follows
  std::condition_variable changed_;
  std::optional<Error> error_;
  RunCursor cursor_;
  std::optional<Run> next_run_;
  std::uint64_t runs_before_ = 0;  // the statement's runs are counted on from these
  std::uint64_t runs_handed_ = 0;
  std::uint64_t runs_sealed_ = 0;
  std::uint64_t sealed_to_ = 0;  // every byte of the package before this stands in the ring
  std::map<std::uint64_t, SealedRun> sealed_;  // finished before their turn; bounded by the ring
  GrowingTree object_tree_;
  std::vector<flow::ObjectRow> rows_;  // with the roots that are known so far
  std::uint64_t total_ = std::numeric_limits<std::uint64_t>::max();  // until the statement is made
  std::uint64_t next_window_ = 0;
  std::uint64_t windows_open_ = 0;
  std::uint64_t windows_written_ = 0;
  std::uint64_t written_to_ = 0;             // the ring may be reused up to here
  std::map<std::uint64_t, Leaves> written_;  // before their turn; bounded by the ring
  GrowingTree package_tree_{kPackageHash};
};

}  // namespace

Result<crypto::ObjectDigest> run_sealing_line(const SealingWork& work) {
  HANGU_TRY(Layout layout, Layout::create(work.header, work.outline, 0));
  return SealingLine(work, std::move(layout)).go();
}

}  // namespace hangu::package
