#pragma once
// DigestBeside: a file's digest, made on a thread of its own while something else is done with it.

#include <future>
#include <stop_token>

#include "crypto/chunk_tree.hpp"
#include "os/descriptor.hpp"

namespace hangu::cli {

/// Begins at once. Borrows the file. Who does not want the digest any more need not wait for it.
class DigestBeside {
 public:
  /// Of the first `bytes` bytes, SHA-256.
  DigestBeside(os::FdView file, std::uint64_t bytes);
  DigestBeside(DigestBeside&&) noexcept = default;
  DigestBeside& operator=(DigestBeside&&) = delete;
  ~DigestBeside();
  /// Waits for it; once. Errors: Internal "read-failed".
  [[nodiscard]] Result<crypto::ObjectDigest> get() { return digest_.get(); }

 private:
  std::stop_source stop_;
  std::future<Result<crypto::ObjectDigest>> digest_;
};

}  // namespace hangu::cli
