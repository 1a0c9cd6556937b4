#include "crypto/signature.hpp"

#include <algorithm>
#include <array>

#include <catch2/catch.hpp>

#include "vectors.hpp"

using namespace hangu;
using namespace hangu::crypto;
using test::hex;

namespace {

constexpr std::array kAlgorithms = {SignatureAlgorithm::ed25519, SignatureAlgorithm::sm2,
                                    SignatureAlgorithm::ecdsa_p256};

/// DER of SEQUENCE { INTEGER r, INTEGER s }.
Bytes der_signature(std::string_view r, std::string_view s) {
  Bytes body;
  for (const std::string_view number : {r, s}) {
    Bytes digits = hex(number);
    if (std::to_integer<int>(digits[0]) >= 0x80) digits.insert(digits.begin(), std::byte{0});
    body.push_back(std::byte{0x02});
    body.push_back(static_cast<std::byte>(digits.size()));
    append(body, digits);
  }
  Bytes der = {std::byte{0x30}, static_cast<std::byte>(body.size())};
  append(der, body);
  return der;
}

bool both_verify(const VerifyKey& key, ByteView message, ByteView signature) {
  const bool first = key.verify(message, signature);
  CHECK(verify_by_other_implementation(key, message, signature) == first);
  return first;
}

struct Ed25519Vector {
  std::string_view seed, point, message, signature;
};

// RFC 8032 §7.1, tests 1 to 3.
constexpr std::array kEd25519Vectors = {
    Ed25519Vector{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
    Ed25519Vector{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    Ed25519Vector{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

// GB/T 32918.5-2017 annex A.2: key, identity 1234567812345678, "message digest".
constexpr std::string_view kSm2Scalar =
    "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
constexpr std::string_view kSm2Point =
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
constexpr std::string_view kSm2R =
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
constexpr std::string_view kSm2S =
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

// RFC 6979 A.2.5: P-256 with SHA-256, message "sample".
constexpr std::string_view kP256Scalar =
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
constexpr std::string_view kP256Point =
    "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
constexpr std::string_view kP256R =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
constexpr std::string_view kP256S =
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

}  // namespace

TEST_CASE("Ed25519 signs and verifies the vectors of RFC 8032", "[crypto][signature]") {
  for (const Ed25519Vector& vector : kEd25519Vectors) {
    const auto key = SigningKey::create(SignatureAlgorithm::ed25519, test::secret(vector.seed));
    REQUIRE(key);
    CHECK(to_hex(key->verify_key().point()) == vector.point);
    const auto signature = key->sign(hex(vector.message));
    REQUIRE(signature);
    CHECK(to_hex(*signature) == vector.signature);
    CHECK(both_verify(key->verify_key(), hex(vector.message), *signature));
  }
}

TEST_CASE("SM2 verifies the example of GB/T 32918.5 in both implementations",
          "[crypto][signature]") {
  const auto key = SigningKey::create(SignatureAlgorithm::sm2, test::secret(kSm2Scalar));
  REQUIRE(key);
  CHECK(to_hex(key->verify_key().point()) == kSm2Point);
  CHECK(both_verify(key->verify_key(), bytes_of("message digest"), der_signature(kSm2R, kSm2S)));
  CHECK_FALSE(
      both_verify(key->verify_key(), bytes_of("message digesu"), der_signature(kSm2R, kSm2S)));
}

TEST_CASE("ECDSA P-256 verifies the vector of RFC 6979 in both implementations",
          "[crypto][signature]") {
  const auto key = SigningKey::create(SignatureAlgorithm::ecdsa_p256, test::secret(kP256Scalar));
  REQUIRE(key);
  CHECK(to_hex(key->verify_key().point()) == kP256Point);
  CHECK(both_verify(key->verify_key(), bytes_of("sample"), der_signature(kP256R, kP256S)));
  CHECK_FALSE(both_verify(key->verify_key(), bytes_of("sampel"), der_signature(kP256R, kP256S)));
}

TEST_CASE(
    "what one implementation signs, the other accepts, and any changed bit is refused by both",
    "[crypto][signature]") {
  test::CountingEntropy entropy;
  for (const SignatureAlgorithm algorithm : kAlgorithms) {
    CAPTURE(to_text(algorithm));
    const auto key = SigningKey::generate(algorithm, entropy);
    REQUIRE(key);
    for (const std::size_t size : {0U, 1U, 31U, 1000U}) {
      const Bytes message = test::pattern(size);
      const auto signature = key->sign(message);
      REQUIRE(signature);
      CHECK(both_verify(key->verify_key(), message, *signature));
    }
    const Bytes message = test::pattern(40);
    const auto signature = key->sign(message);
    REQUIRE(signature);
    for (std::size_t i = 0; i < signature->size(); ++i) {
      for (const int bit : {0, 7}) {
        Bytes changed = *signature;
        changed[i] ^= static_cast<std::byte>(1 << bit);
        REQUIRE_FALSE(both_verify(key->verify_key(), message, changed));
      }
      REQUIRE_FALSE(both_verify(key->verify_key(), message, ByteView(*signature).first(i)));
    }
    Bytes longer = *signature;
    longer.push_back(std::byte{0});
    CHECK_FALSE(both_verify(key->verify_key(), message, longer));
    for (std::size_t i = 0; i < message.size(); ++i) {
      Bytes changed = message;
      changed[i] ^= std::byte{0x10};
      REQUIRE_FALSE(both_verify(key->verify_key(), changed, *signature));
    }
    const auto other = SigningKey::generate(algorithm, entropy);
    REQUIRE(other);
    CHECK_FALSE(both_verify(other->verify_key(), message, *signature));
  }
}

TEST_CASE("Ed25519 refuses a signature whose S is not canonical in both implementations",
          "[crypto][signature]") {
  // S + L of RFC 8032's test 1, computed by hand from the group's order L.
  const Ed25519Vector& vector = kEd25519Vectors[0];
  const auto key = VerifyKey::create(SignatureAlgorithm::ed25519, hex(vector.point));
  REQUIRE(key);
  Bytes signature = hex(vector.signature);
  const Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const unsigned sum =
        std::to_integer<unsigned>(signature[32 + i]) + std::to_integer<unsigned>(order[i]) + carry;
    signature[32 + i] = static_cast<std::byte>(sum & 0xff);
    carry = sum >> 8;
  }
  CHECK_FALSE(both_verify(*key, {}, signature));
}

TEST_CASE("Ed25519 keys of small order, off the curve or not canonical are refused",
          "[crypto][signature]") {
  const auto reason = [](std::string_view point) {
    return test::reason_of(VerifyKey::create(SignatureAlgorithm::ed25519, hex(point)));
  };
  for (const std::string_view point :
       {// orders 1, 2, 4, 4, 8, 8
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        // the identity spelled as p + 1
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        // no x for this y (RFC 8032 §5.1.3 step 2)
        "0200000000000000000000000000000000000000000000000000000000000000",
        // short, long
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f70751",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a00"})
    CHECK(reason(point) == "key-invalid");
}

TEST_CASE("points off the curve, at infinity or in another encoding are refused",
          "[crypto][signature]") {
  for (const auto& [algorithm, text] : {std::pair{SignatureAlgorithm::sm2, kSm2Point},
                                        std::pair{SignatureAlgorithm::ecdsa_p256, kP256Point}}) {
    const Bytes good = hex(text);
    REQUIRE(VerifyKey::create(algorithm, good));
    Bytes off = good;
    off.back() ^= std::byte{1};
    Bytes hybrid = good;
    hybrid[0] = static_cast<std::byte>(6 + std::to_integer<int>(good.back() & std::byte{1}));
    Bytes compressed(good.begin(), good.begin() + 33);
    compressed[0] = static_cast<std::byte>(2 + std::to_integer<int>(good.back() & std::byte{1}));
    Bytes longer = good;
    longer.push_back(std::byte{0});
    Bytes zero(65);
    zero[0] = std::byte{4};
    Bytes beyond(65, std::byte{0xff});  // coordinates above the field's prime
    beyond[0] = std::byte{4};
    for (const Bytes& bad :
         {off, hybrid, compressed, longer, zero, beyond, Bytes{std::byte{0}}, Bytes{}})
      CHECK(test::reason_of(VerifyKey::create(algorithm, bad)) == "key-invalid");
    // The other curve's point.
    const Bytes foreign = hex(algorithm == SignatureAlgorithm::sm2 ? kP256Point : kSm2Point);
    CHECK(test::reason_of(VerifyKey::create(algorithm, foreign)) == "key-invalid");
  }
}

TEST_CASE("a coordinate is spelled below the field's prime", "[crypto][signature]") {
  // The point with the smallest x of each curve (y by the curve's equation), and x + p for x.
  struct Spelling {
    SignatureAlgorithm algorithm;
    std::string_view x, x_plus_p, y;
  };
  for (const Spelling& point :
       {Spelling{SignatureAlgorithm::sm2,
                 "0000000000000000000000000000000000000000000000000000000000000001",
                 "fffffffeffffffffffffffffffffffffffffffff000000010000000000000000",
                 "9f7a091433a81e3f218f405f792355bf2aa98b5ffa95982f03870800065279a3"},
        Spelling{SignatureAlgorithm::ecdsa_p256,
                 "0000000000000000000000000000000000000000000000000000000000000005",
                 "ffffffff00000001000000000000000000000001000000000000000000000004",
                 "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"}}) {
    const auto reason = [&](std::string_view x) {
      return test::reason_of(
          VerifyKey::create(point.algorithm, hex("04" + std::string(x) + std::string(point.y))));
    };
    CHECK(reason(point.x) == "(ok)");
    CHECK(reason(point.x_plus_p) == "key-invalid");
  }
}

TEST_CASE("scalars out of range are refused, the last in range is accepted",
          "[crypto][signature]") {
  const auto reason = [](SignatureAlgorithm algorithm, std::string_view scalar) {
    return test::reason_of(SigningKey::create(algorithm, test::secret(scalar)));
  };
  const std::string zero(64, '0');
  const std::string one = std::string(63, '0') + "1";
  for (const auto algorithm : {SignatureAlgorithm::sm2, SignatureAlgorithm::ecdsa_p256}) {
    CHECK(reason(algorithm, zero) == "key-invalid");
    CHECK(reason(algorithm, one) == "(ok)");
    CHECK(reason(algorithm, std::string(64, 'f')) == "key-invalid");
    CHECK(reason(algorithm, std::string(62, '1')) == "key-invalid");
  }
  // n - 1 and n of P-256 (FIPS 186-4 D.1.2.3).
  CHECK(reason(SignatureAlgorithm::ecdsa_p256,
               "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550") == "(ok)");
  CHECK(reason(SignatureAlgorithm::ecdsa_p256,
               "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551") ==
        "key-invalid");
  // n - 2 and n - 1 of SM2 (GB/T 32918.5 §4): 1 + d must have an inverse.
  CHECK(reason(SignatureAlgorithm::sm2,
               "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54121") == "(ok)");
  CHECK(reason(SignatureAlgorithm::sm2,
               "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122") ==
        "key-invalid");
  CHECK(reason(SignatureAlgorithm::ed25519, std::string(62, '1')) == "key-invalid");
}

TEST_CASE("a key's id depends on its algorithm and point", "[crypto][signature]") {
  // sha256sum of "hangu-key\ned25519\n" and the 32 bytes of RFC 8032's first key.
  const auto key = VerifyKey::create(SignatureAlgorithm::ed25519, hex(kEd25519Vectors[0].point));
  REQUIRE(key);
  CHECK(key->id() == "cf6d6c5e3cd6d73cdc615a17cec23894b89c7ea9cba9baee908f276854357f3b");
}

TEST_CASE("generated keys replay from their entropy, and a source of zeros is noticed",
          "[crypto][signature]") {
  class Zeros final : public Entropy {
    void fill(MutableByteView out) override { std::ranges::fill(out, std::byte{0}); }
  };
  for (const SignatureAlgorithm algorithm : kAlgorithms) {
    test::CountingEntropy first(5);
    test::CountingEntropy again(5);
    const auto a = SigningKey::generate(algorithm, first);
    const auto b = SigningKey::generate(algorithm, again);
    REQUIRE((a && b));
    CHECK(a->verify_key() == b->verify_key());
  }
  Zeros zeros;
  CHECK(test::reason_of(SigningKey::generate(SignatureAlgorithm::sm2, zeros)) ==
        "entropy-unusable");
}
