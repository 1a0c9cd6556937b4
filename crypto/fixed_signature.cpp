#include "crypto/fixed_signature.hpp"

#include "crypto/botan/sm2.hpp"

namespace hangu::crypto {

Result<Bytes> sign_fixed(const SigningKey& key, ByteView message) {
  if (key.verify_key().algorithm() == SignatureAlgorithm::ed25519) return key.sign(message);
  HANGU_ASSERT(key.verify_key().algorithm() == SignatureAlgorithm::sm2);
  SystemEntropy entropy;
  return botan::sm2_sign(key.secret(), message, entropy, botan::Sm2Form::fixed);
}

bool verify_fixed(const VerifyKey& key, ByteView message, ByteView signature) {
  if (key.algorithm() == SignatureAlgorithm::ed25519) return key.verify(message, signature);
  return key.algorithm() == SignatureAlgorithm::sm2 &&
         botan::sm2_verify(key.point(), message, signature, botan::Sm2Form::fixed);
}

}  // namespace hangu::crypto
