// The primitives under sealing, each against published values: AES-256-GCM, SM4-GCM, HKDF, X25519,
// SM2 encryption.

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "crypto/aead.hpp"
#include "crypto/botan/sm2.hpp"
#include "crypto/botan/sm4_gcm.hpp"
#include "crypto/openssl/aes_gcm.hpp"
#include "crypto/openssl/hkdf.hpp"
#include "crypto/sodium/curve25519.hpp"
#include "vectors.hpp"

using namespace hangu;
using namespace hangu::crypto;
using test::hex;

namespace {

struct AeadVector {
  std::string_view key, nonce, associated, plain, sealed;
};

// "The Galois/Counter Mode of Operation (GCM)", McGrew and Viega, test cases 13 to 16.
constexpr std::array kAesVectors = {
    AeadVector{"0000000000000000000000000000000000000000000000000000000000000000",
               "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    AeadVector{"0000000000000000000000000000000000000000000000000000000000000000",
               "000000000000000000000000", "", "00000000000000000000000000000000",
               "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    AeadVector{"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
               "cafebabefacedbaddecaf888", "",
               "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
               "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
               "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
               "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
               "b094dac5d93471bdec1a502270e3cc6c"},
    AeadVector{"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
               "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
               "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
               "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
               "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
               "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
               "76fc6ece0f4e1768cddf8853bb2d551b"},
};

// RFC 8998 A.1.
constexpr std::array kSm4Vectors = {
    AeadVector{"0123456789abcdeffedcba9876543210", "00001234567800000000abcd",
               "feedfacedeadbeeffeedfacedeadbeefabaddad2",
               "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
               "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
               "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
               "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
               "83de3541e4c2b58177e065a9bf7b62ec"},
};

Nonce nonce_of(std::string_view text) {
  Nonce nonce{};
  std::ranges::copy(hex(text), nonce.begin());
  return nonce;
}

void check_vector(const Aead& aead, const AeadVector& vector) {
  const Nonce nonce = nonce_of(vector.nonce);
  const Bytes plain = hex(vector.plain);
  const Bytes associated = hex(vector.associated);
  Bytes sealed(plain.size() + kTagBytes);
  aead.seal(nonce, associated, plain, sealed);
  CHECK(to_hex(sealed) == vector.sealed);

  Bytes opened(plain.size());
  CHECK(aead.open(nonce, associated, sealed, opened));
  CHECK(opened == plain);

  Bytes in_place = plain;
  in_place.resize(plain.size() + kTagBytes);
  aead.seal(nonce, associated, ByteView(in_place).first(plain.size()), in_place);
  CHECK(in_place == sealed);
  CHECK(aead.open(nonce, associated, in_place, MutableByteView(in_place).first(plain.size())));
  CHECK(std::ranges::equal(ByteView(in_place).first(plain.size()), plain));

  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= std::byte{0x80};
    REQUIRE_FALSE(aead.open(nonce, associated, changed, opened));
  }
  Bytes other_associated = associated;
  other_associated.push_back(std::byte{0});
  CHECK_FALSE(aead.open(nonce, other_associated, sealed, opened));
}

}  // namespace

TEST_CASE("AES-256-GCM gives the published values in every implementation", "[crypto][aead]") {
  for (const AeadVector& vector : kAesVectors) {
    const SecretBytes key = test::secret(vector.key);
    check_vector(*openssl::make_aes_256_gcm(key), vector);
    check_vector(*aes_256_gcm(key), vector);
  }
}

TEST_CASE("SM4-GCM gives the published values in every implementation", "[crypto][aead]") {
  for (const AeadVector& vector : kSm4Vectors) {
    const SecretBytes key = test::secret(vector.key);
    check_vector(*botan::make_sm4_gcm(key), vector);
    check_vector(*sm4_gcm(key), vector);
  }
}

TEST_CASE("the fast AEADs agree with the plain ones at every length", "[crypto][aead]") {
  test::CountingEntropy entropy(3);
  const SecretBytes aes_key = SecretBytes::random(32, entropy);
  const SecretBytes sm4_key = SecretBytes::random(16, entropy);
  struct Pair {
    std::unique_ptr<const Aead> fast, plain;
  };
  const std::array pairs = {Pair{aes_256_gcm(aes_key), openssl::make_aes_256_gcm(aes_key)},
                            Pair{sm4_gcm(sm4_key), botan::make_sm4_gcm(sm4_key)}};
  std::vector<std::size_t> sizes;
  for (std::size_t size = 0; size < 1100; size += size < 300 ? 1 : 37) sizes.push_back(size);
  for (const std::size_t size : {4096U, 65'535U, 1'048'575U, 1'048'576U}) sizes.push_back(size);
  for (const Pair& pair : pairs) {
    for (const std::size_t size : sizes) {
      CAPTURE(size);
      Bytes plain(size);
      entropy.fill(plain);
      Nonce nonce{};
      entropy.fill(nonce);
      Bytes associated(size % 50);
      entropy.fill(associated);
      Bytes fast(size + kTagBytes);
      Bytes reference(size + kTagBytes);
      pair.fast->seal(nonce, associated, plain, fast);
      pair.plain->seal(nonce, associated, plain, reference);
      REQUIRE(fast == reference);
      Bytes opened(size);
      REQUIRE(pair.fast->open(nonce, associated, reference, opened));
      REQUIRE(opened == plain);
      reference.back() ^= std::byte{1};
      REQUIRE_FALSE(pair.fast->open(nonce, associated, reference, opened));
    }
  }
}

TEST_CASE("HKDF gives the values of RFC 5869 and of another implementation with SM3",
          "[crypto][hkdf]") {
  const auto derive = [](HashAlgorithm algorithm, std::string_view salt, std::string_view label) {
    const SecretBytes key =
        openssl::hkdf(algorithm, test::secret("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
                      hex(salt), hex(label), 42);
    return to_hex(key.reveal(SecretAccess::for_storing()));
  };
  // RFC 5869 A.1 and A.3.
  CHECK(derive(HashAlgorithm::sha256, "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9") ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(derive(HashAlgorithm::sha256, "", "") ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  // tests/support/sealing_vectors.py.
  CHECK(derive(HashAlgorithm::sm3, "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9") ==
        "c69fe91b7aaee2dd5718d72dcaee0cce93f1b8e41f792da51261b6a517e68b36ed2c595572b01dfa359b");
}

TEST_CASE("X25519 gives the values of RFC 7748 and refuses small order", "[crypto][x25519]") {
  // RFC 7748 §6.1.
  const SecretBytes alice =
      test::secret("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const SecretBytes bob =
      test::secret("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  const auto alice_point = sodium::x25519_public(alice);
  const auto bob_point = sodium::x25519_public(bob);
  CHECK(to_hex(alice_point) == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK(to_hex(bob_point) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  for (const auto& shared :
       {sodium::x25519_agree(alice, bob_point), sodium::x25519_agree(bob, alice_point)}) {
    REQUIRE(shared);
    CHECK(to_hex(shared->reveal(SecretAccess::for_storing())) ==
          "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  }
  CHECK(sodium::x25519_point_valid(alice_point));
  for (const std::string_view point :
       {"0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // not canonical: p, p + 9, and 9 with the top bit set
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0900000000000000000000000000000000000000000000000000000000000080",
        // short
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e"})
    CHECK_FALSE(sodium::x25519_point_valid(hex(point)));
}

TEST_CASE("SM2 decrypts the example of GB/T 32918.5", "[crypto][sm2]") {
  // GB/T 32918.5-2017 annex C.2: C1 ‖ C3 ‖ C2 of "encryption standard".
  const SecretBytes scalar =
      test::secret("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
  const Bytes cipher =
      hex("0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
          "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
          "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
          "21886ca989ca9c7d58087307ca93092d651efa");
  const auto plain = botan::sm2_decrypt(scalar, cipher);
  REQUIRE(plain);
  CHECK(text_of(plain->reveal(SecretAccess::for_storing())) == "encryption standard");
  for (std::size_t i = 0; i < cipher.size(); ++i) {
    Bytes changed = cipher;
    changed[i] ^= std::byte{1};
    REQUIRE_FALSE(botan::sm2_decrypt(scalar, changed));
  }
}
