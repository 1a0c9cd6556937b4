#pragma once
// OpenSSL, started once without any configuration file, and owners for its objects. Included by
// crypto/openssl only.

#include <memory>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "base/bytes.hpp"
#include "crypto/octets.hpp"

namespace hangu::crypto::openssl {

/// Calls the C function `F` on the pointer: the deleter of every OpenSSL object.
template <auto F>
struct FreeWith {
  template <class T>
  void operator()(T* object) const {
    F(object);
  }
};
template <class T, auto F>
using Owned = std::unique_ptr<T, FreeWith<F>>;

using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Number = Owned<BIGNUM, BN_clear_free>;

/// Starts OpenSSL with its built-in algorithms. No configuration file is read, so behaviour does
/// not depend on the machine and nothing is opened inside a sandbox.
void start();

/// The algorithms, fetched once (a fetch by name costs more than hashing a small message).
[[nodiscard]] const EVP_MD* sha256();
[[nodiscard]] const EVP_MD* sm3();
[[nodiscard]] const EVP_CIPHER* aes_256_gcm();

/// The text of OpenSSL's oldest error of this thread; empties its queue.
[[nodiscard]] std::string last_error();

}  // namespace hangu::crypto::openssl
