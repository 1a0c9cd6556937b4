#include "crypto/secret.hpp"

#include <algorithm>
#include <utility>

#include <sodium.h>

#include "crypto/sodium/library.hpp"

namespace hangu::crypto {

void sodium::start() {
  static const bool kStarted = sodium_init() >= 0;
  HANGU_ASSERT(kStarted);
}

SecretBytes::SecretBytes(std::size_t size) : size_(size) {
  sodium::start();
  // sodium_malloc fills with 0xdb, so that use before initialisation shows; ours start at zero.
  start_ = static_cast<std::byte*>(sodium_malloc(size));
  HANGU_ASSERT(start_ != nullptr);
  std::fill_n(start_, size_, std::byte{0});
}

SecretBytes SecretBytes::take(MutableByteView source) {
  SecretBytes secret(source.size());
  std::ranges::copy(source, secret.start_);
  wipe(source);
  return secret;
}

SecretBytes SecretBytes::random(std::size_t size, Entropy& entropy) {
  SecretBytes secret(size);
  entropy.fill({secret.start_, size});
  return secret;
}

SecretBytes SecretBytes::copy(SecretAccess) const {
  SecretBytes twin(size_);
  std::copy_n(start_, size_, twin.start_);
  return twin;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(start_, other.start_);
  std::swap(size_, other.size_);
  return *this;
}

SecretBytes::~SecretBytes() { sodium_free(start_); }

bool constant_time_equal(ByteView a, ByteView b) {
  return a.size() == b.size() && (a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0);
}

void wipe(MutableByteView bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

void SystemEntropy::fill(MutableByteView out) {
  sodium::start();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

}  // namespace hangu::crypto
