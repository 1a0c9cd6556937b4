#pragma once
// SeededEntropy: a replayable stream of "random" bytes for tests and vectors:
// SHA-256(seed ‖ u64 counter) for counter 0, 1, …, one after the other.

#include <algorithm>
#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "crypto/hash.hpp"

namespace hangu::test {

class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::string_view seed) : seed_(seed) {}

  void fill(MutableByteView out) override {
    for (std::byte& byte : out) {
      if (used_ == block_.size()) refill();
      byte = block_[used_++];
    }
  }

 private:
  void refill() {
    Bytes input = to_bytes(seed_);
    input.resize(seed_.size() + 8);
    store_u64(MutableByteView(input).subspan(seed_.size()), counter_++);
    block_ = crypto::hash(crypto::HashAlgorithm::sha256, input);
    used_ = 0;
  }

  std::string seed_;
  std::uint64_t counter_ = 0;
  crypto::Hash block_{};
  std::size_t used_ = block_.size();
};

}  // namespace hangu::test
