#include "crypto/botan/sm2.hpp"

#include <algorithm>

#include <botan/ber_dec.h>
#include <botan/der_enc.h>
#include <botan/pubkey.h>
#include <botan/sm2.h>

#include "crypto/botan/library.hpp"
#include "crypto/signature.hpp"

namespace hangu::crypto::botan {
namespace {

/// Botan takes "identity,hash"; a bare "SM3" would be read as the identity.
std::string signature_parameters() { return std::string(kSm2Identity) + ",SM3"; }

Botan::BigInt scalar_of(const SecretBytes& scalar) {
  const ByteView bytes = scalar.reveal(SecretAccess::for_signing());
  return Botan::BigInt::decode(octets(bytes), bytes.size());
}

/// The standard wants d in 1..n-2: 1 + d must have an inverse.
bool scalar_in_range(const Botan::BigInt& scalar) {
  return scalar >= 1 && scalar <= sm2_group().get_order() - 2;
}

static_assert(static_cast<int>(Sm2Form::fixed) == Botan::IEEE_1363 &&
              static_cast<int>(Sm2Form::der) == Botan::DER_SEQUENCE);

Bytes bytes_from(const std::vector<std::uint8_t>& octet_vector) {
  return to_bytes(std::as_bytes(std::span(octet_vector)));
}

}  // namespace

bool sm2_point_valid(ByteView point) {
  try {
    (void)decode_point(sm2_group(), point);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

std::optional<Sm2Point> sm2_public(const SecretBytes& scalar) {
  try {
    if (scalar.size() != kSm2ScalarBytes) return std::nullopt;
    const Botan::BigInt x = scalar_of(scalar);
    if (!scalar_in_range(x)) return std::nullopt;
    SystemEntropy entropy;  // blinds the multiplication; the result does not depend on it
    EntropyRng rng(entropy);
    std::vector<Botan::BigInt> workspace;
    const auto encoded = sm2_group()
                             .blinded_base_point_multiply(x, rng, workspace)
                             .encode(Botan::PointGFp::UNCOMPRESSED);
    Sm2Point point{};
    HANGU_ASSERT(encoded.size() == point.size());
    std::ranges::copy(std::as_bytes(std::span(encoded)), point.begin());
    return point;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

Result<Bytes> sm2_sign(const SecretBytes& scalar, ByteView message, Entropy& entropy,
                       Sm2Form form) {
  try {
    EntropyRng rng(entropy);
    const Botan::SM2_PrivateKey key(rng, sm2_group(), scalar_of(scalar));
    Botan::PK_Signer signer(key, rng, signature_parameters(), Botan::Signature_Format(form));
    return bytes_from(signer.sign_message(octets(message), message.size(), rng));
  } catch (const std::exception& e) {
    return fail(ErrorCode::internal, "sign-failed", e.what());
  }
}

bool sm2_verify(ByteView point, ByteView message, ByteView signature, Sm2Form form) {
  try {
    const Botan::SM2_PublicKey key(sm2_group(), decode_point(sm2_group(), point));
    Botan::PK_Verifier verifier(key, signature_parameters(), Botan::Signature_Format(form));
    return verifier.verify_message(octets(message), message.size(), octets(signature),
                                   signature.size());
  } catch (const std::exception&) {
    return false;  // a signature of another form
  }
}

Result<Bytes> sm2_encrypt(ByteView point, ByteView plain, Entropy& entropy) {
  try {
    EntropyRng rng(entropy);
    const Botan::SM2_PublicKey key(sm2_group(), decode_point(sm2_group(), point));
    const Botan::PK_Encryptor_EME encryptor(key, rng, "SM3");
    // Botan gives GM/T 0009's SEQUENCE of x, y, C3, C2; ours is the standard's own concatenation,
    // whose length is fixed.
    const std::vector<std::uint8_t> der = encryptor.encrypt(octets(plain), plain.size(), rng);
    Botan::BigInt x;
    Botan::BigInt y;
    std::vector<std::uint8_t> c3;
    std::vector<std::uint8_t> c2;
    Botan::BER_Decoder(der)
        .start_cons(Botan::SEQUENCE)
        .decode(x)
        .decode(y)
        .decode(c3, Botan::OCTET_STRING)
        .decode(c2, Botan::OCTET_STRING)
        .end_cons()
        .verify_end();
    std::vector<std::uint8_t> raw(kSm2PointBytes);
    raw[0] = 0x04;
    Botan::BigInt::encode_1363(&raw[1], 32, x);
    Botan::BigInt::encode_1363(&raw[33], 32, y);
    raw.insert(raw.end(), c3.begin(), c3.end());
    raw.insert(raw.end(), c2.begin(), c2.end());
    return bytes_from(raw);
  } catch (const std::exception& e) {
    return fail(ErrorCode::internal, "encrypt-failed", e.what());
  }
}

std::optional<SecretBytes> sm2_decrypt(const SecretBytes& scalar, ByteView cipher) {
  try {
    if (cipher.size() <= kSm2CipherOverheadBytes) return std::nullopt;
    const ByteView c1 = cipher.first(kSm2PointBytes);
    (void)decode_point(sm2_group(), c1);  // an invalid point would leak the scalar
    const ByteView c3 = cipher.subspan(kSm2PointBytes, 32);
    const ByteView c2 = cipher.subspan(kSm2CipherOverheadBytes);
    std::vector<std::uint8_t> der;
    Botan::DER_Encoder(der)
        .start_cons(Botan::SEQUENCE)
        .encode(Botan::BigInt::decode(octets(c1.subspan(1, 32)), 32))
        .encode(Botan::BigInt::decode(octets(c1.subspan(33, 32)), 32))
        .encode(octets(c3), c3.size(), Botan::OCTET_STRING)
        .encode(octets(c2), c2.size(), Botan::OCTET_STRING)
        .end_cons();
    SystemEntropy entropy;
    EntropyRng rng(entropy);
    const Botan::SM2_PrivateKey key(rng, sm2_group(), scalar_of(scalar));
    const Botan::PK_Decryptor_EME decryptor(key, rng, "SM3");
    Botan::secure_vector<std::uint8_t> plain = decryptor.decrypt(der.data(), der.size());
    return SecretBytes::take(std::as_writable_bytes(std::span(plain)));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace hangu::crypto::botan
