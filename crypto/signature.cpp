#include "crypto/signature.hpp"

#include <optional>

#include "crypto/botan/second_verify.hpp"
#include "crypto/botan/sm2.hpp"
#include "crypto/openssl/p256.hpp"
#include "crypto/sodium/curve25519.hpp"

namespace hangu::crypto {
namespace {

constexpr std::size_t kScalarBytes = 32;
/// A random scalar is out of range once in 2^32; more often means a broken source.
constexpr int kGenerateAttemptsMax = 16;

bool point_valid(SignatureAlgorithm algorithm, ByteView point) {
  switch (algorithm) {
    case SignatureAlgorithm::ed25519: return sodium::ed25519_point_valid(point);
    case SignatureAlgorithm::sm2: return botan::sm2_point_valid(point);
    case SignatureAlgorithm::ecdsa_p256: return openssl::p256_point_valid(point);
  }
  return false;
}

/// The public point of a seed or scalar; nothing when the scalar is out of range.
std::optional<Bytes> point_of(SignatureAlgorithm algorithm, const SecretBytes& secret) {
  if (secret.size() != kScalarBytes) return std::nullopt;
  switch (algorithm) {
    case SignatureAlgorithm::ed25519: return to_bytes(sodium::ed25519_public(secret));
    case SignatureAlgorithm::sm2:
      if (const auto point = botan::sm2_public(secret)) return to_bytes(*point);
      return std::nullopt;
    case SignatureAlgorithm::ecdsa_p256:
      if (const auto point = openssl::p256_public(secret)) return to_bytes(*point);
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Result<VerifyKey> VerifyKey::create(SignatureAlgorithm algorithm, ByteView point) {
  if (!point_valid(algorithm, point))
    return fail(ErrorCode::malformed, "key-invalid",
                std::string(to_text(algorithm)) + ": not a valid public point");
  return VerifyKey(algorithm, to_bytes(point));
}

std::string VerifyKey::id() const {
  Hasher hasher(HashAlgorithm::sha256);
  hasher.update(bytes_of("hangu-key\n"))
      .update(bytes_of(to_text(algorithm_)))
      .update(bytes_of("\n"))
      .update(point_);
  return to_hex(hasher.finish());
}

bool VerifyKey::verify(ByteView message, ByteView signature) const {
  switch (algorithm_) {
    case SignatureAlgorithm::ed25519: return sodium::ed25519_verify(point_, message, signature);
    case SignatureAlgorithm::sm2: return botan::sm2_verify(point_, message, signature);
    case SignatureAlgorithm::ecdsa_p256: return openssl::p256_verify(point_, message, signature);
  }
  return false;
}

Result<SigningKey> SigningKey::generate(SignatureAlgorithm algorithm, Entropy& entropy) {
  for (int attempt = 0; attempt < kGenerateAttemptsMax; ++attempt)
    if (auto key = create(algorithm, SecretBytes::random(kScalarBytes, entropy)); key) return key;
  return fail(ErrorCode::internal, "entropy-unusable", std::string(to_text(algorithm)));
}

Result<SigningKey> SigningKey::create(SignatureAlgorithm algorithm, SecretBytes secret) {
  auto point = point_of(algorithm, secret);
  if (!point)
    return fail(ErrorCode::malformed, "key-invalid",
                std::string(to_text(algorithm)) + ": secret out of range");
  return SigningKey(std::move(secret), VerifyKey(algorithm, *std::move(point)));
}

Result<Bytes> SigningKey::sign(ByteView message) const {
  switch (verify_key_.algorithm()) {
    case SignatureAlgorithm::ed25519:
      return to_bytes(sodium::ed25519_sign(secret_, verify_key_.point(), message));
    case SignatureAlgorithm::sm2: {
      SystemEntropy entropy;
      return botan::sm2_sign(secret_, message, entropy);
    }
    case SignatureAlgorithm::ecdsa_p256:
      return openssl::p256_sign(secret_, verify_key_.point(), message);
  }
  return fail(ErrorCode::internal, "sign-failed");
}

bool verify_by_other_implementation(const VerifyKey& key, ByteView message, ByteView signature) {
  switch (key.algorithm()) {
    case SignatureAlgorithm::ed25519: return botan::ed25519_verify(key.point(), message, signature);
    case SignatureAlgorithm::sm2: return openssl::sm2_verify(key.point(), message, signature);
    case SignatureAlgorithm::ecdsa_p256:
      return botan::ecdsa_p256_verify(key.point(), message, signature);
  }
  return false;
}

}  // namespace hangu::crypto
