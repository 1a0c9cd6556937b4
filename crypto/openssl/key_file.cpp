// Private keys as PKCS#8 PEM, and our keys as OpenSSL's.

#include <array>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/openssl/curve_key.hpp"
#include "crypto/openssl/x509.hpp"

namespace hangu::crypto {
namespace openssl {
namespace {

using PrivateKeyInfo = Owned<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;

constexpr std::size_t kSecretBytes = 32;

Key raw_public(int type, ByteView point) {
  return Key(EVP_PKEY_new_raw_public_key(type, nullptr, octets(point), point.size()));
}

Key raw_private(int type, const SecretBytes& secret) {
  const ByteView bytes = secret.reveal(SecretAccess::for_storing());
  return Key(EVP_PKEY_new_raw_private_key(type, nullptr, octets(bytes), bytes.size()));
}

Key to_openssl_private(const OpeningKey& key) {
  if (key.recipient_key().suite() == Suite::gm)
    return private_key(kSm2Curve, key.secret(), key.recipient_key().point());
  return raw_private(EVP_PKEY_X25519, key.secret());
}

Result<Bytes> encode(const Key& key) {
  const Memory memory(BIO_new(BIO_s_mem()));  // wiped when freed
  if (!key || !memory ||
      PEM_write_bio_PKCS8PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1)
    return fail(ErrorCode::internal, "key-encode-failed", last_error());
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &text);
  return to_bytes(std::string_view(text, static_cast<std::size_t>(length)));
}

std::unexpected<Error> key_invalid(std::string why,
                                   std::source_location where = std::source_location::current()) {
  return fail(ErrorCode::malformed, "key-invalid", std::move(why), 0, where);
}

Result<Key> decode(ByteView pem) {
  const auto der = decode_pem(text_of(pem), PEM_STRING_PKCS8INF);
  if (!der) return key_invalid("not one unencrypted PKCS#8 key in PEM");
  const ByteView bytes = der->reveal(SecretAccess::for_storing());
  const unsigned char* at = octets(bytes);
  const PrivateKeyInfo parsed(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &at, static_cast<long>(bytes.size())));
  if (!parsed || at != octets(bytes) + bytes.size()) {
    ERR_clear_error();
    return key_invalid("not a PKCS#8 key");
  }
  Key key(EVP_PKCS82PKEY(parsed.get()));
  ERR_clear_error();
  if (!key) return key_invalid("a kind of key that OpenSSL does not know");
  return key;
}

Result<SecretBytes> raw_secret(EVP_PKEY* key) {
  SecretBytes secret(kSecretBytes);
  std::size_t length = kSecretBytes;
  if (EVP_PKEY_get_raw_private_key(
          key, octets_out(secret.reveal_mutable(SecretAccess::for_storing())), &length) != 1 ||
      length != kSecretBytes)
    return key_invalid(last_error());
  return secret;
}

Result<SecretBytes> scalar_secret(EVP_PKEY* key) {
  BIGNUM* raw = nullptr;
  const bool found = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &raw) == 1;
  const Number number(raw);
  SecretBytes secret(kSecretBytes);
  if (!found ||
      BN_bn2binpad(number.get(), octets_out(secret.reveal_mutable(SecretAccess::for_storing())),
                   static_cast<int>(kSecretBytes)) < 0)
    return key_invalid(last_error());
  return secret;
}

/// "SM2", "prime256v1", … or empty.
std::string group_of(EVP_PKEY* key) {
  std::array<char, 64> group{};
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                     nullptr) != 1) {
    ERR_clear_error();
    return {};
  }
  return group.data();
}

}  // namespace

Key to_openssl(const PublicKey& key) {
  start();
  if (const auto* recipient = std::get_if<RecipientKey>(&key))
    return recipient->suite() == Suite::gm ? public_key(kSm2Curve, recipient->point())
                                           : raw_public(EVP_PKEY_X25519, recipient->point());
  const VerifyKey& verify = std::get<VerifyKey>(key);
  switch (verify.algorithm()) {
    case SignatureAlgorithm::ed25519: return raw_public(EVP_PKEY_ED25519, verify.point());
    case SignatureAlgorithm::sm2: return public_key(kSm2Curve, verify.point());
    case SignatureAlgorithm::ecdsa_p256: return public_key(kP256Curve, verify.point());
  }
  return nullptr;
}

Key to_openssl(const SigningKey& key) {
  start();
  const ByteView point = key.verify_key().point();
  switch (key.verify_key().algorithm()) {
    case SignatureAlgorithm::ed25519: return raw_private(EVP_PKEY_ED25519, key.secret());
    case SignatureAlgorithm::sm2: return private_key(kSm2Curve, key.secret(), point);
    case SignatureAlgorithm::ecdsa_p256: return private_key(kP256Curve, key.secret(), point);
  }
  return nullptr;
}

}  // namespace openssl

Result<Bytes> write_key_pem(const SigningKey& key) {
  return openssl::encode(openssl::to_openssl(key));
}

Result<Bytes> write_key_pem(const OpeningKey& key) {
  openssl::start();
  return openssl::encode(openssl::to_openssl_private(key));
}

Result<SigningKey> read_signing_key_pem(ByteView pem) {
  HANGU_TRY(const auto key, openssl::decode(pem));
  if (EVP_PKEY_is_a(key.get(), "ED25519") == 1) {
    HANGU_TRY(auto seed, openssl::raw_secret(key.get()));
    return SigningKey::create(SignatureAlgorithm::ed25519, std::move(seed));
  }
  const std::string group = openssl::group_of(key.get());
  if (group != "SM2" && group != "prime256v1")
    return openssl::key_invalid("not a signing key that Hangu uses");
  HANGU_TRY(auto scalar, openssl::scalar_secret(key.get()));
  return SigningKey::create(
      group == "SM2" ? SignatureAlgorithm::sm2 : SignatureAlgorithm::ecdsa_p256, std::move(scalar));
}

Result<OpeningKey> read_opening_key_pem(Suite suite, ByteView pem) {
  HANGU_TRY(const auto key, openssl::decode(pem));
  if (suite == Suite::gm) {
    if (openssl::group_of(key.get()) != "SM2") return openssl::key_invalid("not an SM2 key");
    HANGU_TRY(auto scalar, openssl::scalar_secret(key.get()));
    return OpeningKey::create(suite, std::move(scalar));
  }
  if (EVP_PKEY_is_a(key.get(), "X25519") != 1) return openssl::key_invalid("not an X25519 key");
  HANGU_TRY(auto scalar, openssl::raw_secret(key.get()));
  return OpeningKey::create(suite, std::move(scalar));
}

}  // namespace hangu::crypto
