#include "crypto/file_tree.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/page_buffer.hpp"
#include "crypto/simd/leaf_lanes.hpp"

namespace hangu::crypto {
namespace {

/// Bytes of `descriptor` in this thread's buffer, valid until the thread's next call.
Result<ByteView> read_run(int descriptor, std::uint64_t offset, std::size_t bytes) {
  thread_local PageBuffer buffer;
  buffer.grow(bytes);
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t n = ::pread(descriptor, buffer.view().data() + done, bytes - done,
                              static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorCode::internal, "read-failed", "pread", errno);
    if (n == 0) return fail(ErrorCode::internal, "read-failed", "the file became shorter");
    done += static_cast<std::size_t>(n);
  }
  return buffer.view().first(bytes);
}

}  // namespace

Done FileTree::follow(int descriptor, std::uint64_t size) {
  const std::size_t run_bytes = simd::leaf_lanes(algorithm_) * kChunkBytes;
  while (size - std::min(size, hashed()) >= run_bytes) {
    HANGU_TRY(const ByteView run, read_run(descriptor, hashed(), run_bytes));
    leaf_hashes(algorithm_, run, leaves_);
  }
  return {};
}

Result<HashedObject> FileTree::finish(int descriptor, std::uint64_t size) {
  HANGU_ASSERT(size >= hashed());
  HANGU_CHECK(follow(descriptor, size));
  HashedObject object{.digest = {.algorithm = algorithm_, .size = size}, .leaves = leaves_};
  if (size > hashed()) {
    HANGU_TRY(const ByteView rest,
              read_run(descriptor, hashed(), static_cast<std::size_t>(size - hashed())));
    leaf_hashes(algorithm_, rest, object.leaves);
  }
  object.digest.root = tree_root(algorithm_, object.leaves);
  return object;
}

}  // namespace hangu::crypto
