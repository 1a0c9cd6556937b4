#pragma once
// What the files of crypto/botan share: randomness from our Entropy, curve groups, keys from our
// bytes. Included by crypto/botan only.

#include <botan/bigint.h>
#include <botan/ec_group.h>
#include <botan/point_gfp.h>
#include <botan/rng.h>

#include "base/entropy.hpp"
#include "crypto/octets.hpp"
#include "crypto/secret.hpp"

namespace hangu::crypto::botan {

/// EntropyRng lets Botan draw from an Entropy. (Botan's own system source opens /dev/urandom,
/// which a sandbox forbids.)
class EntropyRng final : public Botan::RandomNumberGenerator {
 public:
  explicit EntropyRng(Entropy& entropy) : entropy_(entropy) {}
  void randomize(std::uint8_t* output, std::size_t length) override {
    void* start = output;
    entropy_.fill({static_cast<std::byte*>(start), length});
  }
  bool accepts_input() const override { return false; }
  void add_entropy(const std::uint8_t*, std::size_t) override {}
  std::string name() const override { return "Hangu"; }
  void clear() override {}
  bool is_seeded() const override { return true; }

 private:
  Entropy& entropy_;
};

/// The curves, decoded once.
[[nodiscard]] const Botan::EC_Group& sm2_group();
[[nodiscard]] const Botan::EC_Group& p256_group();

/// The point of an uncompressed encoding (65 bytes); throws unless it is on the curve, as
/// everything of Botan does.
[[nodiscard]] Botan::PointGFp decode_point(const Botan::EC_Group& group, ByteView point);

}  // namespace hangu::crypto::botan
