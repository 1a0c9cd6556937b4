#include "crypto/openssl/library.hpp"

#include <array>

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace hangu::crypto::openssl {
namespace {

const EVP_MD* fetch_digest(const char* name) {
  start();
  const EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  HANGU_ASSERT(digest != nullptr);
  return digest;
}

const EVP_CIPHER* fetch_cipher(const char* name) {
  start();
  const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  HANGU_ASSERT(cipher != nullptr);
  return cipher;
}

}  // namespace

void start() {
  static const bool kStarted = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1;
  HANGU_ASSERT(kStarted);
}

const EVP_MD* sha256() {
  static const EVP_MD* const kDigest = fetch_digest("SHA256");
  return kDigest;
}

const EVP_MD* sm3() {
  static const EVP_MD* const kDigest = fetch_digest("SM3");
  return kDigest;
}

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const kCipher = fetch_cipher("AES-256-GCM");
  return kCipher;
}

std::string last_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  ERR_clear_error();
  return text.data();
}

}  // namespace hangu::crypto::openssl
