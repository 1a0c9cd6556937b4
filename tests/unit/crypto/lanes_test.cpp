// The lanes of crypto/simd, one by one: each agrees with the plain implementation at lengths around
// the borders of blocks and buffers. On a processor without them there is nothing to test.

#include <array>

#include <catch2/catch.hpp>

#include "crypto/chunk_tree.hpp"
#include "crypto/simd/sha256_lanes.hpp"
#include "crypto/simd/sm4_wide.hpp"
#include "crypto/simd/wide_lanes.hpp"
#include "vectors.hpp"

using namespace hangu;
using namespace hangu::crypto;

namespace {

constexpr std::array kLengths = {63U,   64U,   65U,   118U,  119U,  120U,  126U,   127U,  128U,
                                 191U,  1000U, 1014U, 1015U, 1016U, 1022U, 1023U,  1024U, 1025U,
                                 1078U, 1079U, 1080U, 2046U, 2047U, 2048U, 65'536U};

/// `N` different pieces of one length.
template <std::size_t N>
std::array<ByteView, N> pieces(const Bytes& content, std::size_t length) {
  std::array<ByteView, N> some{};
  for (std::size_t i = 0; i < N; ++i) some[i] = ByteView(content).subspan(i * 77, length);
  return some;
}

}  // namespace

TEST_CASE("four SHA-256 streams give what one gives", "[crypto][lanes]") {
  if (!simd::sha256_lanes_available()) return;
  const Bytes content = test::pattern(70'000);
  for (const std::size_t length : kLengths) {
    CAPTURE(length);
    const auto some = pieces<simd::kSha256Lanes>(content, length);
    std::array<Hash, simd::kSha256Lanes> leaves{};
    simd::sha256_leaves(some, leaves);
    for (std::size_t i = 0; i < some.size(); ++i)
      REQUIRE(leaves[i] == leaf_hash(HashAlgorithm::sha256, some[i]));
  }
}

TEST_CASE("sixteen wide lanes give what one stream gives, for both hashes", "[crypto][lanes]") {
  if (!simd::wide_lanes_available()) return;
  const Bytes content = test::pattern(70'000);
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sm3}) {
    for (const std::size_t length : kLengths) {
      CAPTURE(to_text(algorithm), length);
      const auto some = pieces<simd::kWideLanes>(content, length);
      std::array<Hash, simd::kWideLanes> leaves{};
      simd::wide_leaves(algorithm, some, leaves);
      for (std::size_t i = 0; i < some.size(); ++i)
        REQUIRE(leaves[i] == leaf_hash(algorithm, some[i]));
    }
  }
}

TEST_CASE("wide SM4 gives the published block and wraps its counter as GCM wants",
          "[crypto][lanes]") {
  if (!simd::sm4_wide_available()) return;
  // GB/T 32907-2016 annex A.1: the block is the key.
  const Bytes key = test::hex("0123456789abcdeffedcba9876543210");
  simd::Sm4RoundKeys round_keys{};
  simd::sm4_expand(key, round_keys);
  const simd::Sm4Counter block = {0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210};
  Bytes stream(16);
  simd::sm4_counter_mode(round_keys, block, stream, stream);
  CHECK(to_hex(stream) == "681edf34d206965e86b3e94f536e4246");

  // Past 2^32 - 1 the last word is 0 and the others stay (SP 800-38D §6.2, inc32).
  Bytes across(32);
  simd::sm4_counter_mode(round_keys, {1, 2, 3, 0xffffffff}, across, across);
  Bytes wrapped(16);
  simd::sm4_counter_mode(round_keys, {1, 2, 3, 0}, wrapped, wrapped);
  CHECK(equal(ByteView(across).last(16), wrapped));
}
