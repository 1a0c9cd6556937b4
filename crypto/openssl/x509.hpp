#pragma once
// X.509 objects of OpenSSL and their way to and from our types. Included by crypto/openssl only.

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/certificate.hpp"
#include "crypto/openssl/library.hpp"

namespace hangu::crypto::openssl {

using X509Certificate = Owned<X509, X509_free>;
using Memory = Owned<BIO, BIO_free>;

inline constexpr std::string_view kIdentityScheme = "hangu:";
inline constexpr std::string_view kZonePrefix = "zone:";
inline constexpr std::string_view kRolePrefix = "role:";
inline constexpr std::string_view kAddressPrefix = "ip:";  ///< in Subject::dns_names

/// "node", "person", "stage", "gateway", "authority".
[[nodiscard]] std::string_view kind_text(HolderKind kind);

/// One PEM block, without text around it and without bytes after its DER.
/// Errors: Malformed "certificate-invalid".
[[nodiscard]] Result<X509Certificate> decode_certificate(std::string_view pem);
[[nodiscard]] Result<std::string> encode_certificate(X509* certificate);

/// Errors of these: Malformed "certificate-invalid".
[[nodiscard]] Result<Subject> subject_of(X509* certificate);
[[nodiscard]] Result<PublicKey> public_key_of(X509* certificate);
[[nodiscard]] Result<WallTime> time_of(const ASN1_TIME* time);

/// Our keys as OpenSSL's; null when OpenSSL refuses.
[[nodiscard]] Key to_openssl(const PublicKey& key);
[[nodiscard]] Key to_openssl(const SigningKey& key);

/// The DER of the PEM block `label`, which must be all of `pem` but for white space at its end;
/// nothing otherwise.
[[nodiscard]] std::optional<SecretBytes> decode_pem(std::string_view pem, std::string_view label);

/// `certificate`'s signature is checked with kSm2Identity, should it be an SM2 signature.
void expect_sm2_identity(X509* certificate);

/// The signature algorithms that we take: Ed25519, ECDSA with SHA-256, SM2 with SM3.
[[nodiscard]] bool signature_algorithm_known(const X509* certificate);

[[nodiscard]] inline std::unexpected<Error> certificate_invalid(
    std::string why, std::source_location where = std::source_location::current()) {
  return fail(ErrorCode::malformed, "certificate-invalid", std::move(why), 0, where);
}

}  // namespace hangu::crypto::openssl
