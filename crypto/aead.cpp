#include "crypto/aead.hpp"

#include "crypto/botan/sm4_gcm.hpp"
#include "crypto/openssl/aes_gcm.hpp"

namespace hangu::crypto {

std::unique_ptr<const Aead> aes_256_gcm(const SecretBytes& key) {
  return openssl::make_aes_256_gcm(key);
}

std::unique_ptr<const Aead> sm4_gcm(const SecretBytes& key) { return botan::make_sm4_gcm(key); }

}  // namespace hangu::crypto
