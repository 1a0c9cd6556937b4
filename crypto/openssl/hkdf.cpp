#include "crypto/openssl/hkdf.hpp"

#include <string>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "crypto/openssl/library.hpp"

namespace hangu::crypto::openssl {
namespace {

using DerivationContext = Owned<EVP_KDF_CTX, EVP_KDF_CTX_free>;

EVP_KDF* hkdf_algorithm() {
  start();
  static EVP_KDF* const kAlgorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  HANGU_ASSERT(kAlgorithm != nullptr);
  return kAlgorithm;
}

}  // namespace

SecretBytes hkdf(HashAlgorithm algorithm, const SecretBytes& input, ByteView salt, ByteView info,
                 std::size_t size) {
  std::string digest = algorithm == HashAlgorithm::sm3 ? "SM3" : "SHA256";
  // OSSL_PARAM wants mutable pointers; a derivation only reads through them.
  const auto octet_string = [](const char* name, ByteView bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<unsigned char*>(octets(bytes)),
                                             bytes.size());
  };
  std::vector<OSSL_PARAM> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      octet_string(OSSL_KDF_PARAM_KEY, input.reveal(SecretAccess::for_sealing()))};
  if (!salt.empty()) parameters.push_back(octet_string(OSSL_KDF_PARAM_SALT, salt));
  if (!info.empty()) parameters.push_back(octet_string(OSSL_KDF_PARAM_INFO, info));
  parameters.push_back(OSSL_PARAM_construct_end());

  SecretBytes derived(size);
  const DerivationContext context(EVP_KDF_CTX_new(hkdf_algorithm()));
  HANGU_ASSERT(context &&
               EVP_KDF_derive(context.get(),
                              octets_out(derived.reveal_mutable(SecretAccess::for_sealing())), size,
                              parameters.data()) == 1);
  return derived;
}

}  // namespace hangu::crypto::openssl
