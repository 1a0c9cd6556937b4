#include "crypto/hash.hpp"

#include <catch2/catch.hpp>

#include "crypto/short_hash.hpp"
#include "crypto/suite.hpp"
#include "vectors.hpp"

using namespace hangu;
using namespace hangu::crypto;

// FIPS 180-4 examples (NIST "SHA256.pdf"): "abc", the 448-bit message, and the empty message of
// the CAVP short-message vectors.
TEST_CASE("SHA-256 gives the published values", "[crypto][hash]") {
  const auto digest = [](std::string_view text) {
    return to_hex(hash(HashAlgorithm::sha256, bytes_of(text)));
  };
  CHECK(digest("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

// Key and message of the paper's appendix A.
TEST_CASE("SipHash-2-4 gives the published value", "[crypto][hash]") {
  std::array<std::byte, kShortHashSecretBytes> secret{};
  std::array<std::byte, 15> message{};
  for (std::size_t i = 0; i < secret.size(); ++i) secret[i] = static_cast<std::byte>(i);
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::byte>(i);
  CHECK(short_hash(secret, message) == 0xe545be4961ca29a1);  // its bytes, the first one highest
  CHECK(short_hash(secret, ByteView(message).first(14)) != 0xe545be4961ca29a1);
}

// GB/T 32905-2016 annex A, examples 1 and 2.
TEST_CASE("SM3 gives the published values", "[crypto][hash]") {
  const auto digest = [](std::string_view text) {
    return to_hex(hash(HashAlgorithm::sm3, bytes_of(text)));
  };
  CHECK(digest("abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  CHECK(digest("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd") ==
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

TEST_CASE("a hasher gives the same value however the stream is cut, and is fresh after finish",
          "[crypto][hash]") {
  for (const HashAlgorithm algorithm : {HashAlgorithm::sha256, HashAlgorithm::sm3}) {
    const Bytes content = test::pattern(300);
    const Hash whole = hash(algorithm, content);
    Hasher hasher(algorithm);
    for (std::size_t cut = 0; cut <= content.size(); ++cut) {
      const ByteView view(content);
      hasher.update(view.first(cut)).update({}).update(view.subspan(cut));
      REQUIRE(hasher.finish() == whole);
    }
  }
}

TEST_CASE("names of suites and algorithms read back, and others are refused", "[crypto][suite]") {
  for (const Suite suite : {Suite::intl, Suite::gm}) {
    const auto parsed = parse_suite(to_text(suite));
    REQUIRE(parsed);
    CHECK(*parsed == suite);
  }
  for (const auto algorithm : {HashAlgorithm::sha256, HashAlgorithm::sm3}) {
    const auto parsed = parse_hash_algorithm(to_text(algorithm));
    REQUIRE(parsed);
    CHECK(*parsed == algorithm);
  }
  for (const auto algorithm :
       {SignatureAlgorithm::ed25519, SignatureAlgorithm::sm2, SignatureAlgorithm::ecdsa_p256}) {
    const auto parsed = parse_signature_algorithm(to_text(algorithm));
    REQUIRE(parsed);
    CHECK(*parsed == algorithm);
  }
  CHECK(test::reason_of(parse_suite("INTL")) == "suite-unknown");
  CHECK(test::reason_of(parse_hash_algorithm("sha512")) == "hash-unknown");
  CHECK(test::reason_of(parse_signature_algorithm("")) == "signature-unknown");
  CHECK(hash_of(Suite::gm) == HashAlgorithm::sm3);
  CHECK(signature_of(Suite::intl) == SignatureAlgorithm::ed25519);
}
