#pragma once
// Hashing: SHA-256 and SM3 over streams.

#include <array>
#include <memory>

#include "base/bytes.hpp"
#include "crypto/suite.hpp"

namespace hangu::crypto {

/// A SHA-256 or SM3 value.
using Hash = std::array<std::byte, 32>;

[[nodiscard]] Hash hash(HashAlgorithm algorithm, ByteView bytes);

/// Hasher digests a stream; reusable after finish(). Thread: one at a time.
class Hasher {
 public:
  explicit Hasher(HashAlgorithm algorithm);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();

  /// This thread's own stream, for a message that is hashed in one go: to make one costs as much as
  /// hashing a small message. Each is made when first asked for, because the first of SM3 has its
  /// library lock a pool of memory, in some 500 calls of the kernel.
  [[nodiscard]] static Hasher& of_thread(HashAlgorithm algorithm);

  Hasher& update(ByteView bytes);
  [[nodiscard]] Hash finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hangu::crypto
