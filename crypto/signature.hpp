#pragma once
// Signatures: Ed25519 (libsodium), SM2 with SM3 and the GB/T 32918 identity (Botan), ECDSA P-256
// with SHA-256 (OpenSSL).

#include <memory>

#include "base/bytes.hpp"
#include "crypto/hash.hpp"
#include "crypto/secret.hpp"

namespace hangu::crypto {

/// The identity every SM2 signature is made with (GB/T 32918.2 practice).
inline constexpr std::string_view kSm2Identity = "1234567812345678";

/// VerifyKey is a public signature key: 32 bytes (Ed25519) or an uncompressed point of 65 bytes.
/// Cheap to copy. Thread: any.
class VerifyKey {
 public:
  /// Errors: Malformed "key-invalid" (length, point not on the curve, small order).
  [[nodiscard]] static Result<VerifyKey> create(SignatureAlgorithm algorithm, ByteView point);
  [[nodiscard]] SignatureAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] ByteView point() const { return point_; }
  /// SHA-256("hangu-key\n" ‖ algorithm name ‖ "\n" ‖ point) in hex: the key id in envelopes.
  [[nodiscard]] std::string id() const;
  /// True when `signature` is this key's over `message`. Ed25519: 64 bytes, canonical S.
  /// SM2 and ECDSA: DER. A malformed signature is just not valid.
  [[nodiscard]] bool verify(ByteView message, ByteView signature) const;
  bool operator==(const VerifyKey&) const = default;

 private:
  friend class SigningKey;
  VerifyKey(SignatureAlgorithm algorithm, Bytes point)
      : algorithm_(algorithm), point_(std::move(point)) {}
  SignatureAlgorithm algorithm_;
  Bytes point_;
};

/// SigningKey is a private signature key. Move-only.
class SigningKey {
 public:
  [[nodiscard]] static Result<SigningKey> generate(SignatureAlgorithm algorithm, Entropy& entropy);
  /// From its 32-byte seed (Ed25519) or scalar (SM2, P-256). Errors: Malformed "key-invalid".
  [[nodiscard]] static Result<SigningKey> create(SignatureAlgorithm algorithm, SecretBytes secret);
  [[nodiscard]] Result<Bytes> sign(ByteView message) const;
  [[nodiscard]] const VerifyKey& verify_key() const { return verify_key_; }
  [[nodiscard]] const SecretBytes& secret() const { return secret_; }

 private:
  SigningKey(SecretBytes secret, VerifyKey verify_key)
      : secret_(std::move(secret)), verify_key_(std::move(verify_key)) {}
  SecretBytes secret_;
  VerifyKey verify_key_;
};

/// The second implementation, sharing no code with VerifyKey::verify for Ed25519 (Botan) — what
/// the mover and the auditor's verifier use.
[[nodiscard]] bool verify_by_other_implementation(const VerifyKey& key, ByteView message,
                                                  ByteView signature);

}  // namespace hangu::crypto
