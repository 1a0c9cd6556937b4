// Sealing: content keys wrapped for recipients, chunks with their position and finality. The fixed
// values are printed by tests/support/sealing_vectors.py, which shares no code with ours.

#include "crypto/sealing.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "vectors.hpp"

using namespace hangu;
using namespace hangu::crypto;
using test::hex;

namespace {

constexpr std::array kSuites = {Suite::intl, Suite::gm};
constexpr std::string_view kContext = "hangu test context";
constexpr std::uint32_t kStream = 7;
constexpr std::uint64_t kFarIndex = std::uint64_t{1} << 33;

struct SealingVector {
  Suite suite;
  std::string_view point, id, wrapped, first_chunk, far_final_chunk, empty_final_chunk;
};

const std::array kVectors = {
    SealingVector{Suite::intl, "79a631eede1bf9c98f12032cdeadd0e7a079398fc786b88cc846ec89af85a51a",
                  "da61a7f7d0da3e8eb72b397c75a49ccfca35281f115f8fe4e3aa2a24c0596d13",
                  "493e82fc74464a59268817623d2053c5eb8e2cc4a988b4fee179ec6b010d531d"
                  "e88dfc52174177c615fb4d8e23822beb873039c3be4a94fbb69e2dc7cf34851d"
                  "88b744a98147fd8bc3ad5d6880377065",
                  "fc0a9a3c684e8b1aacb2e00d4c572f838ee4e4762b10687f05918c9b7f2dab66"
                  "c90f832cf7b2bb6e7c139e3bf5cf22e948ab722cc3cad1ddd3abeda9ab338be7"
                  "707e9d6654ff2a0dfad0f0f674017ad86822a5f76848d459810387ee3354d6a6"
                  "c4a511a594fab8493869e45210e595cf2d785467",
                  "90fac494a36ceffb1ce1e96d7c206d55a7d002ddf001b723f4065243451c1c23"
                  "628550e67ba6b92581b354a658e0eb906b356a300105a48fce432b9d96be600e"
                  "a04c46c94ace332ab1feabfa80e3c9ef325a430f80e51bfdd6b2e5e66d5022cd"
                  "79ef9c716b518ea46454c9d3427c9c17802f1439",
                  "50ad1c14266656dd0e2de0858551deae"},
    SealingVector{Suite::gm,
                  "04e93acc88ba58bcc13f03a3c0f58ace7d25f2d896f1df26ecc8243508fee9bc"
                  "d7689da28e38bbd0dde8b4c57a831cf78068406d6c3f6506c9a8071bc99e7876"
                  "1b",
                  "4bd322c583f5ca28cedb3f1d29eb8a677d1143c0bfc06918903be4b6babee283",
                  "046e6b69f5916446eb1d56b20730bf4822f25f3adb5ea704d955811131d95b87"
                  "90b2d662b4a4ff53f6d10c9302e4aaae250f1bd401b60f20b6a4841092496579"
                  "3edea15906c54b2ad65e9cb969500c3ec6f3448be932989ed2cbd6ecf9008536"
                  "3f2f3d7b93e39a3aebddce10a9bb1e6621efdb6ade36f6aba678050fcc8c3198"
                  "7dc6fee0a242ec25481b383022538dce18298b9ee4e52c49da1f1d2dfc021614"
                  "2b",
                  "abfc892778d6c2e1d67c26934dd7d3512f9865ee4d1f539cd45e34c763628748"
                  "68e60a8a555ef213fa7bd38cbc845549e39da5993b24f07f4978b5bd86a8f321"
                  "47fa968b7fdfe5e09cb17d6ee9178d9e33dd7e9d2a267adc94b43a6e46019d4e"
                  "98c55b94aed94c4bc08fc22a4c536e187dbd376d",
                  "d069f5ffd2610869390ea4285c26473bf5f7ac2f63fc0cfc46f2b4fd40ad5261"
                  "72433848fd27ad100c10078143329519a497641de377d0061cef9fd8578502dc"
                  "3df2221dae180bef4562ec1d505d6e9ea673bec5d2ba697ea967b0b4b740c373"
                  "6b7f7dbdef8491a0a94b06c8a015a74e530b20fa",
                  "0d07f94f99926058d5e8a8f553ff81a3"},
};

OpeningKey opening_key(Suite suite) {
  auto key = OpeningKey::create(
      suite, test::secret("404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"));
  REQUIRE(key);
  return *std::move(key);
}

/// The sealer and opener of one stream under one content key.
struct Pair {
  ChunkSealer sealer;
  ChunkOpener opener;
};

Pair stream_pair(const ContentKey& key, std::uint32_t stream, std::string_view context = kContext) {
  auto sealer = ChunkSealer::create(key, stream, bytes_of(context));
  auto opener = ChunkOpener::create(key, stream, bytes_of(context));
  REQUIRE((sealer && opener));
  return {*std::move(sealer), *std::move(opener)};
}

Bytes sealed_by(const ChunkSealer& sealer, std::uint64_t index, bool final, ByteView plain) {
  Bytes sealed(plain.size() + kTagBytes);
  REQUIRE(sealer.seal(index, final, plain, sealed));
  return sealed;
}

bool opens(const ChunkOpener& opener, std::uint64_t index, bool final, ByteView sealed) {
  Bytes plain(sealed.size() - kTagBytes, std::byte{0xaa});
  const Done opened = opener.open(index, final, sealed, plain);
  if (opened) return true;
  CHECK(opened.error().reason() == "chunk-not-authentic");
  CHECK(std::ranges::all_of(plain, [](std::byte b) { return b == std::byte{0}; }));
  return false;
}

}  // namespace

TEST_CASE("keys wrapped and chunks sealed by another implementation open", "[crypto][sealing]") {
  for (const SealingVector& vector : kVectors) {
    CAPTURE(to_text(vector.suite));
    const OpeningKey recipient = opening_key(vector.suite);
    CHECK(to_hex(recipient.recipient_key().point()) == vector.point);
    CHECK(to_hex(recipient.recipient_key().id()) == vector.id);
    const auto key = ContentKey::unwrap(recipient, hex(vector.wrapped), bytes_of(kContext));
    REQUIRE(key);
    const Pair stream = stream_pair(*key, kStream);
    const Bytes plain = test::pattern(100);
    CHECK(to_hex(sealed_by(stream.sealer, 0, false, plain)) == vector.first_chunk);
    CHECK(to_hex(sealed_by(stream.sealer, kFarIndex, true, plain)) == vector.far_final_chunk);
    CHECK(to_hex(sealed_by(stream.sealer, 0, true, {})) == vector.empty_final_chunk);
    CHECK(opens(stream.opener, 0, false, hex(vector.first_chunk)));
    CHECK(opens(stream.opener, kFarIndex, true, hex(vector.far_final_chunk)));
    CHECK(opens(stream.opener, 0, true, hex(vector.empty_final_chunk)));
  }
}

TEST_CASE("a wrapped key opens for its recipient and context only", "[crypto][sealing]") {
  test::CountingEntropy entropy;
  for (const Suite suite : kSuites) {
    CAPTURE(to_text(suite));
    const OpeningKey recipient = opening_key(suite);
    const auto other = OpeningKey::generate(suite, entropy);
    REQUIRE(other);
    const ContentKey key = ContentKey::generate(suite, entropy);
    const auto wrapped = key.wrap(recipient.recipient_key(), bytes_of(kContext), entropy);
    REQUIRE(wrapped);
    CHECK(wrapped->size() <= kWrappedBytesMax);
    const auto again = ContentKey::unwrap(recipient, *wrapped, bytes_of(kContext));
    REQUIRE(again);
    // The same key: what one seals the other opens.
    const Bytes sealed = sealed_by(stream_pair(key, 1).sealer, 0, true, test::pattern(10));
    CHECK(opens(stream_pair(*again, 1).opener, 0, true, sealed));

    const auto reason = [&](const OpeningKey& with, ByteView bytes, std::string_view context) {
      return test::reason_of(ContentKey::unwrap(with, bytes, bytes_of(context)));
    };
    CHECK(reason(*other, *wrapped, kContext) == "key-unwrap-failed");
    CHECK(reason(recipient, *wrapped, "hangu test contexu") == "key-unwrap-failed");
    CHECK(reason(recipient, *wrapped, "") == "key-unwrap-failed");
    for (std::size_t i = 0; i < wrapped->size(); ++i) {
      Bytes changed = *wrapped;
      changed[i] ^= std::byte{1};
      REQUIRE(reason(recipient, changed, kContext) == "key-unwrap-failed");
      REQUIRE(reason(recipient, ByteView(*wrapped).first(i), kContext) == "key-unwrap-failed");
    }
    Bytes longer = *wrapped;
    longer.push_back(std::byte{0});
    CHECK(reason(recipient, longer, kContext) == "key-unwrap-failed");
    // Wrapped twice, nothing repeats.
    const auto twice = key.wrap(recipient.recipient_key(), bytes_of(kContext), entropy);
    REQUIRE(twice);
    CHECK(*twice != *wrapped);
  }
}

TEST_CASE("keys of another suite are refused", "[crypto][sealing]") {
  test::CountingEntropy entropy;
  const ContentKey key = ContentKey::generate(Suite::intl, entropy);
  CHECK(test::reason_of(key.wrap(opening_key(Suite::gm).recipient_key(), {}, entropy)) ==
        "suite-mismatch");
  const auto wrapped = key.wrap(opening_key(Suite::intl).recipient_key(), {}, entropy);
  REQUIRE(wrapped);
  CHECK(test::reason_of(ContentKey::unwrap(opening_key(Suite::gm), *wrapped, {})) ==
        "key-unwrap-failed");
}

TEST_CASE("a context may be as long as its bound and no longer", "[crypto][sealing]") {
  test::CountingEntropy entropy;
  const Bytes longest(kSealingContextBytesMax, std::byte{1});
  const Bytes longer(kSealingContextBytesMax + 1, std::byte{1});
  for (const Suite suite : kSuites) {
    const OpeningKey recipient = opening_key(suite);
    const ContentKey key = ContentKey::generate(suite, entropy);
    const auto wrapped = key.wrap(recipient.recipient_key(), longest, entropy);
    REQUIRE(wrapped);
    CHECK(ContentKey::unwrap(recipient, *wrapped, longest));
    CHECK(ChunkSealer::create(key, 0, longest));
    CHECK(test::reason_of(key.wrap(recipient.recipient_key(), longer, entropy)) ==
          "context-too-long");
    CHECK(test::reason_of(ChunkSealer::create(key, 0, longer)) == "context-too-long");
    CHECK(test::reason_of(ChunkOpener::create(key, 0, longer)) == "context-too-long");
  }
}

TEST_CASE("a chunk opens at its own place, in its own stream, with its own finality only",
          "[crypto][sealing]") {
  test::CountingEntropy entropy;
  for (const Suite suite : kSuites) {
    CAPTURE(to_text(suite));
    const ContentKey key = ContentKey::generate(suite, entropy);
    const ContentKey other_key = ContentKey::generate(suite, entropy);
    const Pair stream = stream_pair(key, 3);
    const Bytes plain = test::pattern(64);
    const Bytes first = sealed_by(stream.sealer, 0, false, plain);
    const Bytes second = sealed_by(stream.sealer, 1, false, plain);
    const Bytes last = sealed_by(stream.sealer, 2, true, plain);
    CHECK(first != second);  // the same plaintext at two places
    CHECK(opens(stream.opener, 0, false, first));
    CHECK(opens(stream.opener, 1, false, second));
    CHECK(opens(stream.opener, 2, true, last));

    // Reordered, duplicated, from a far place.
    CHECK_FALSE(opens(stream.opener, 1, false, first));
    CHECK_FALSE(opens(stream.opener, 0, false, second));
    CHECK_FALSE(opens(stream.opener, kFarIndex, false, first));
    // Truncated: an inner chunk taken for the last; extended: the last taken for an inner one.
    CHECK_FALSE(opens(stream.opener, 1, true, second));
    CHECK_FALSE(opens(stream.opener, 2, false, last));
    // Spliced from another stream, package or context.
    CHECK_FALSE(opens(stream_pair(key, 4).opener, 0, false, first));
    CHECK_FALSE(opens(stream_pair(other_key, 3).opener, 0, false, first));
    CHECK_FALSE(opens(stream_pair(key, 3, "another context").opener, 0, false, first));
  }
}

TEST_CASE("a chunk with any bit changed or any byte missing does not open", "[crypto][sealing]") {
  test::CountingEntropy entropy;
  for (const Suite suite : kSuites) {
    const ContentKey key = ContentKey::generate(suite, entropy);
    const Pair stream = stream_pair(key, 0);
    const Bytes sealed = sealed_by(stream.sealer, 0, true, test::pattern(50));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        Bytes changed = sealed;
        changed[i] ^= static_cast<std::byte>(1 << bit);
        REQUIRE_FALSE(opens(stream.opener, 0, true, changed));
      }
    }
    for (std::size_t length = kTagBytes; length < sealed.size(); ++length)
      REQUIRE_FALSE(opens(stream.opener, 0, true, ByteView(sealed).first(length)));
    Bytes nothing;
    CHECK(test::reason_of(stream.opener.open(0, true, ByteView(sealed).first(15), nothing)) ==
          "chunk-not-authentic");
  }
}

TEST_CASE("a whole chunk seals and opens in place", "[crypto][sealing]") {
  test::CountingEntropy entropy;
  constexpr std::size_t kSize = std::size_t{1} << 20;
  for (const Suite suite : kSuites) {
    const Pair stream = stream_pair(ContentKey::generate(suite, entropy), 0);
    const Bytes plain = test::pattern(kSize);
    Bytes buffer = plain;
    buffer.resize(kSize + kTagBytes);
    REQUIRE(stream.sealer.seal(5, false, ByteView(buffer).first(kSize), buffer));
    CHECK_FALSE(equal(ByteView(buffer).first(kSize), plain));
    REQUIRE(stream.opener.open(5, false, buffer, MutableByteView(buffer).first(kSize)));
    CHECK(equal(ByteView(buffer).first(kSize), plain));
  }
}

TEST_CASE("recipient keys that are no points of the suite's curve are refused",
          "[crypto][sealing]") {
  const auto reason = [](Suite suite, ByteView point) {
    return test::reason_of(RecipientKey::create(suite, point));
  };
  CHECK(reason(Suite::intl, hex(kVectors[0].point)) == "(ok)");
  CHECK(reason(Suite::gm, hex(kVectors[1].point)) == "(ok)");
  CHECK(reason(Suite::gm, hex(kVectors[0].point)) == "key-invalid");
  CHECK(reason(Suite::intl, hex(kVectors[1].point)) == "key-invalid");
  CHECK(reason(Suite::intl, Bytes(32)) == "key-invalid");
  Bytes off = hex(kVectors[1].point);
  off[40] ^= std::byte{4};
  CHECK(reason(Suite::gm, off) == "key-invalid");
  CHECK(test::reason_of(OpeningKey::create(Suite::gm, SecretBytes(32))) == "key-invalid");
  CHECK(test::reason_of(OpeningKey::create(Suite::intl, SecretBytes(31))) == "key-invalid");
}
