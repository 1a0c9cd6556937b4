#include "crypto/aead.hpp"

#include "crypto/botan/sm4_gcm.hpp"
#include "crypto/openssl/aes_gcm.hpp"
#include "crypto/simd/aes_gcm.hpp"
#include "crypto/simd/sm4_gcm.hpp"

namespace hangu::crypto {

std::unique_ptr<const Aead> aes_256_gcm(const SecretBytes& key) {
  auto fast = simd::make_aes_256_gcm(key);
  return fast ? std::move(fast) : openssl::make_aes_256_gcm(key);
}

std::unique_ptr<const Aead> sm4_gcm(const SecretBytes& key) {
  auto fast = simd::make_sm4_gcm(key);
  return fast ? std::move(fast) : botan::make_sm4_gcm(key);
}

}  // namespace hangu::crypto
