#pragma once
// SecretBytes: guarded, locked, wiped memory (libsodium's allocator).

#include <cstddef>

#include "base/bytes.hpp"
#include "base/entropy.hpp"

namespace hangu::crypto {

/// SecretAccess is the token that one must name to read a secret; it can be found by grep and is
/// named only under crypto/.
class SecretAccess {
 public:
  static SecretAccess for_signing() { return {}; }
  static SecretAccess for_agreement() { return {}; }
  static SecretAccess for_sealing() { return {}; }
  static SecretAccess for_storing() { return {}; }  ///< writing a key file

 private:
  SecretAccess() = default;
};

/// SecretBytes owns `size` bytes that are locked in memory as far as RLIMIT_MEMLOCK allows, kept
/// out of core dumps, fenced by guard pages, and wiped at the end. Move-only; no ==, no <<;
/// compare with constant_time_equal. Thread: one at a time; reading: any.
class SecretBytes {
 public:
  /// Zero-filled. Ends the process when no memory can be had.
  explicit SecretBytes(std::size_t size);
  /// Copies `source` in and wipes it there.
  [[nodiscard]] static SecretBytes take(MutableByteView source);
  [[nodiscard]] static SecretBytes random(std::size_t size, Entropy& entropy);
  [[nodiscard]] SecretBytes copy(SecretAccess) const;

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] ByteView reveal(SecretAccess) const { return {start_, size_}; }
  [[nodiscard]] MutableByteView reveal_mutable(SecretAccess) { return {start_, size_}; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::byte* start_ = nullptr;
  std::size_t size_ = 0;
};

/// True when equal; time depends on the lengths only.
[[nodiscard]] bool constant_time_equal(ByteView a, ByteView b);
/// Overwrites in a way that the compiler keeps.
void wipe(MutableByteView bytes);

/// The kernel's random numbers (getrandom through libsodium).
class SystemEntropy final : public Entropy {
 public:
  void fill(MutableByteView out) override;
};

}  // namespace hangu::crypto
