#pragma once
// AES-256-GCM (NIST SP 800-38D) by OpenSSL.

#include <memory>

#include "crypto/aead.hpp"

namespace hangu::crypto::openssl {

[[nodiscard]] std::unique_ptr<const Aead> make_aes_256_gcm(const SecretBytes& key);

}  // namespace hangu::crypto::openssl
