#pragma once
// What the crypto tests share: hexadecimal and replayable randomness.

#include <string_view>

#include <catch2/catch.hpp>

#include "base/bytes.hpp"
#include "base/entropy.hpp"
#include "crypto/secret.hpp"

namespace hangu::crypto::test {

inline Bytes hex(std::string_view text) {
  auto bytes = from_hex(text);
  REQUIRE(bytes);
  return *std::move(bytes);
}

inline SecretBytes secret(std::string_view text) {
  Bytes bytes = hex(text);
  return SecretBytes::take(bytes);
}

/// CountingEntropy gives bytes that differ from call to call and replay from a start value
/// (splitmix64).
class CountingEntropy final : public Entropy {
 public:
  explicit CountingEntropy(std::uint64_t seed = 1) : state_(seed) {}
  void fill(MutableByteView out) override {
    for (std::byte& b : out) {
      state_ += 0x9e3779b97f4a7c15U;
      std::uint64_t z = state_;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      b = static_cast<std::byte>((z ^ (z >> 31)) & 0xff);
    }
  }

 private:
  std::uint64_t state_;
};

/// The bytes 0, 1, … 250 repeated: the content that tests/support/*.py use too.
inline Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 251);
  return bytes;
}

template <class T>
std::string_view reason_of(const Result<T>& result) {
  return result ? std::string_view("(ok)") : result.error().reason();
}

}  // namespace hangu::crypto::test
