#include "audit/verifier/sm.hpp"

#include <memory>
#include <string>

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

namespace hangu_verify {
namespace {

constexpr std::string_view kIdentity = "1234567812345678";
constexpr std::size_t kScalarBytes = 32;

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freeing<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freeing<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freeing<ECDSA_SIG_free>>;

const unsigned char* start_of(std::string_view text) {
  const void* start = text.data();
  return static_cast<const unsigned char*>(start);
}

Key key_of(std::string_view point) {
  std::string group = "SM2";
  std::string bytes(point);
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr));
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size()),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
    return nullptr;
  return Key(key);
}

/// r ‖ s as OpenSSL wants it; empty when it cannot be.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kScalarBytes) return {};
  const Signature pair(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(start_of(signature), kScalarBytes, nullptr);
  BIGNUM* s = BN_bin2bn(start_of(signature.substr(kScalarBytes)), kScalarBytes, nullptr);
  if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  unsigned char* start = nullptr;
  const int length = i2d_ECDSA_SIG(pair.get(), &start);
  if (length <= 0) return {};
  const void* bytes = start;
  std::string der(static_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(start);
  return der;
}

}  // namespace

bool verify_sm2(std::string_view point, std::string_view message, std::string_view signature) {
  const Key key = key_of(point);
  const std::string der = der_of(signature);
  const DigestContext context(EVP_MD_CTX_new());
  if (!key || !context || der.empty()) return false;
  EVP_PKEY_CTX* signing = EVP_PKEY_CTX_new(key.get(), nullptr);
  const KeyContext owned(signing);
  if (signing == nullptr || EVP_PKEY_CTX_set1_id(signing, kIdentity.data(), kIdentity.size()) != 1)
    return false;
  EVP_MD_CTX_set_pkey_ctx(context.get(), signing);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sm3(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), start_of(der), der.size(), start_of(message),
                          message.size()) == 1;
}

}  // namespace hangu_verify
