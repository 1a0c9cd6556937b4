// hash_file: the chunk tree of a file, read by pread on every core.

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

#include "base/limits.hpp"
#include "base/page_buffer.hpp"
#include "crypto/chunk_tree.hpp"
#include "crypto/simd/leaf_lanes.hpp"

namespace hangu::crypto {
namespace {

/// Of all threads' buffers together.
constexpr std::uint64_t kBufferBytesMax = std::uint64_t{64} << 20;

/// Fills `to` from `offset`, or says why not; a file that ends early is "read-failed" too.
Done read_exactly(int descriptor, MutableByteView to, std::uint64_t offset) {
  while (!to.empty()) {
    const ssize_t n = ::pread(descriptor, to.data(), to.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return fail(ErrorCode::internal, "read-failed", "pread", n < 0 ? errno : 0);
    to = to.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return {};
}

/// The threads' common work: runs of chunks handed out in order, and the first failure.
class FileHashing {
 public:
  FileHashing(int descriptor, HashAlgorithm algorithm, std::uint64_t size)
      : descriptor_(descriptor),
        algorithm_(algorithm),
        size_(size),
        run_chunks_(simd::leaf_lanes(algorithm)),
        leaves_(chunk_count(size)) {}

  [[nodiscard]] std::uint64_t runs() const {
    return (leaves_.size() + run_chunks_ - 1) / run_chunks_;
  }

  /// Threads that have work, and whose buffers stay within bounds.
  [[nodiscard]] std::uint64_t threads_max() const {
    return std::clamp<std::uint64_t>(runs(), 1, kBufferBytesMax / run_bytes());
  }

  /// Takes runs until none is left or one failed.
  void work() {
    PageBuffer buffer(static_cast<std::size_t>(std::min(size_, run_bytes())));
    for (std::uint64_t run = next_++; run < runs(); run = next_++) {
      const std::uint64_t start = run * run_bytes();
      const MutableByteView piece =
          buffer.view().first(static_cast<std::size_t>(std::min(size_ - start, run_bytes())));
      if (auto read = read_exactly(descriptor_, piece, start); !read) return note(read.error());
      std::vector<Hash> some;
      leaf_hashes(algorithm_, piece, some);
      std::ranges::copy(some, leaves_.begin() + static_cast<std::ptrdiff_t>(run * run_chunks_));
    }
  }

  [[nodiscard]] Result<HashedObject> take() {
    if (error_) return std::unexpected(*error_);
    HashedObject object{
        .digest = {.algorithm = algorithm_, .size = size_, .root = tree_root(algorithm_, leaves_)},
        .leaves = std::move(leaves_)};
    return object;
  }

 private:
  [[nodiscard]] std::uint64_t run_bytes() const { return run_chunks_ * kChunkBytes; }
  void note(const Error& error) {
    const std::lock_guard lock(mutex_);
    error_ = error;
    next_ = runs();  // nobody goes on
  }

  int descriptor_;
  HashAlgorithm algorithm_;
  std::uint64_t size_;
  std::uint64_t run_chunks_;  // what one thread reads and hashes at a time: all SIMD lanes full
  std::vector<Hash> leaves_;  // each run writes its own part
  std::atomic<std::uint64_t> next_ = 0;
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

Result<HashedObject> hash_file(int descriptor, HashAlgorithm algorithm, unsigned threads) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
    return fail(ErrorCode::internal, "read-failed", "not a file");

  FileHashing hashing(descriptor, algorithm, static_cast<std::uint64_t>(status.st_size));
  const unsigned wanted =
      threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : threads;
  const std::uint64_t count = std::min<std::uint64_t>(wanted, hashing.threads_max());
  {
    // This thread works too, so a small file starts none.
    std::vector<std::jthread> others;
    try {
      for (std::uint64_t i = 1; i < count; ++i) others.emplace_back([&hashing] { hashing.work(); });
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): see below.
      // No more threads to be had: those that run do the work.
    }
    hashing.work();
  }
  return hashing.take();
}

}  // namespace hangu::crypto
