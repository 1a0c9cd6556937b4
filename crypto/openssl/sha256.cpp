#include "crypto/openssl/sha256.hpp"

#include "crypto/openssl/library.hpp"

namespace hangu::crypto::openssl {

void Sha256::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  HANGU_ASSERT(context_ && EVP_DigestInit_ex2(context_.get(), sha256(), nullptr) == 1);
}

void Sha256::update(ByteView bytes) {
  HANGU_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
}

Hash Sha256::finish() {
  Hash value{};
  HANGU_ASSERT(EVP_DigestFinal_ex(context_.get(), octets_out(value), nullptr) == 1);
  HANGU_ASSERT(EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1);
  return value;
}

}  // namespace hangu::crypto::openssl
