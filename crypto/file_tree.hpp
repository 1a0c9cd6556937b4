#pragma once
// FileTree: the chunk tree of a file that still grows, hashed behind its writer.

#include "base/limits.hpp"
#include "crypto/chunk_tree.hpp"

namespace hangu::crypto {

/// FileTree reads what was written back from the file, run by run, and hashes it in SIMD lanes. No
/// byte below what it was told of may be written again. Keeps 32 bytes per MiB of the file, and a
/// buffer per thread that used any (4 MiB with SHA instructions, 16 MiB without).
/// `descriptor` is borrowed, must be readable and always of the same file.
/// Thread: one at a time. Errors of both: Internal "read-failed".
class FileTree {
 public:
  explicit FileTree(HashAlgorithm algorithm) : algorithm_(algorithm) {}
  /// The first `size` bytes are there: hashes the whole runs of chunks among them.
  [[nodiscard]] Done follow(int descriptor, std::uint64_t size);
  /// The tree of the first `size` bytes. May be asked again.
  [[nodiscard]] Result<HashedObject> finish(int descriptor, std::uint64_t size);
  /// Bytes hashed so far.
  [[nodiscard]] std::uint64_t hashed() const { return leaves_.size() * kChunkBytes; }

 private:
  HashAlgorithm algorithm_;
  std::vector<Hash> leaves_;
};

}  // namespace hangu::crypto
