// Authority: issues certificates.

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include <openssl/err.h>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "crypto/openssl/x509.hpp"

namespace hangu::crypto {
namespace {

using openssl::Key;
using openssl::last_error;
using openssl::X509Certificate;
using Extension = openssl::Owned<X509_EXTENSION, X509_EXTENSION_free>;
using Names = openssl::Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using Name = openssl::Owned<GENERAL_NAME, GENERAL_NAME_free>;

constexpr std::size_t kSerialBytes = 16;
constexpr std::size_t kOrganisationCharactersMax = 64;  // ub-organization-name, RFC 5280 A.1
constexpr int kValidityDaysMax = 36'500;

std::unexpected<Error> issue_failed(std::string why,
                                    std::source_location where = std::source_location::current()) {
  return fail(ErrorCode::internal, "certificate-issue-failed", std::move(why), 0, where);
}
std::unexpected<Error> request_invalid(std::string why) {
  return fail(ErrorCode::malformed, "certificate-request-invalid", std::move(why));
}

Done set_name(X509_NAME* name, const Subject& subject) {
  const auto add = [&](const char* attribute, std::string_view value) {
    return X509_NAME_add_entry_by_txt(name, attribute, MBSTRING_UTF8, octets(bytes_of(value)),
                                      static_cast<int>(value.size()), -1, 0) == 1;
  };
  if (!add("CN", subject.name) ||
      (!subject.organisation.empty() && !add("O", subject.organisation)))
    return request_invalid("names: " + last_error());
  return {};
}

Done set_times(X509* certificate, WallTime now, int days) {
  if (days < 1 || days > kValidityDaysMax) return request_invalid("validity");
  const auto start = std::chrono::floor<std::chrono::seconds>(now.since_epoch());
  const auto end = start + std::chrono::days(days);
  if (ASN1_TIME_set(X509_getm_notBefore(certificate), start.count()) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(certificate), end.count()) == nullptr)
    return issue_failed(last_error());
  return {};
}

Done set_serial(X509* certificate, Entropy& entropy) {
  std::array<std::byte, kSerialBytes> serial{};
  entropy.fill(serial);
  serial[0] = (serial[0] & std::byte{0x7f}) | std::byte{0x40};  // positive, of full length
  const openssl::Number number(BN_bin2bn(octets(serial), static_cast<int>(serial.size()), nullptr));
  if (!number || BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr)
    return issue_failed(last_error());
  return {};
}

/// An extension in OpenSSL's configuration syntax; `value` is one of our own constants.
Done add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1)
    return issue_failed(last_error());
  return {};
}

Done push_text(GENERAL_NAMES* names, int type, std::string_view text) {
  Name name(GENERAL_NAME_new());
  ASN1_IA5STRING* value = ASN1_IA5STRING_new();
  if (!name || value == nullptr ||
      ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) != 1) {
    ASN1_IA5STRING_free(value);
    return issue_failed("out of memory");
  }
  GENERAL_NAME_set0_value(name.get(), type, value);
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) return issue_failed("out of memory");
  (void)name.release();
  return {};
}

Done push_address(GENERAL_NAMES* names, const std::string& text) {
  ASN1_OCTET_STRING* value = a2i_IPADDRESS(text.c_str());
  if (value == nullptr) return request_invalid("address " + printable(text, 40));
  Name name(GENERAL_NAME_new());
  HANGU_ASSERT(name != nullptr);
  GENERAL_NAME_set0_value(name.get(), GEN_IPADD, value);
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) return issue_failed("out of memory");
  (void)name.release();
  return {};
}

Done add_alternative_names(X509* certificate, const Subject& subject) {
  const Names names(sk_GENERAL_NAME_new_null());
  const std::string scheme(openssl::kIdentityScheme);
  HANGU_CHECK(
      push_text(names.get(), GEN_URI,
                scheme + std::string(openssl::kind_text(subject.kind)) + ":" + subject.name));
  const std::string zone_scheme = scheme + std::string(openssl::kZonePrefix);
  for (const std::string& zone : subject.zones)
    HANGU_CHECK(push_text(names.get(), GEN_URI, zone_scheme + zone));
  const std::string role_scheme = scheme + std::string(openssl::kRolePrefix);
  for (const std::string& role : subject.roles)
    HANGU_CHECK(push_text(names.get(), GEN_URI, role_scheme + role));
  for (const std::string& dns : subject.dns_names) {
    if (dns.starts_with(openssl::kAddressPrefix)) {
      HANGU_CHECK(push_address(names.get(), dns.substr(openssl::kAddressPrefix.size())));
    } else {
      HANGU_CHECK(push_text(names.get(), GEN_DNS, dns));
    }
  }
  if (X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) != 1)
    return issue_failed(last_error());
  return {};
}

/// Signs with SM3 and the standard identity, SHA-256, or (Ed25519) no digest of its own.
Done sign(X509* certificate, const SigningKey& key) {
  const Key secret = openssl::to_openssl(key);
  const openssl::DigestContext context(EVP_MD_CTX_new());
  if (!secret || !context) return issue_failed(last_error());
  const SignatureAlgorithm algorithm = key.verify_key().algorithm();
  const EVP_MD* digest = algorithm == SignatureAlgorithm::ed25519 ? nullptr
                         : algorithm == SignatureAlgorithm::sm2   ? openssl::sm3()
                                                                  : openssl::sha256();
  EVP_PKEY_CTX* key_context = nullptr;  // owned by `context`
  if (EVP_DigestSignInit(context.get(), &key_context, digest, nullptr, secret.get()) != 1 ||
      (algorithm == SignatureAlgorithm::sm2 &&
       EVP_PKEY_CTX_set1_id(key_context, kSm2Identity.data(),
                            static_cast<int>(kSm2Identity.size())) != 1) ||
      X509_sign_ctx(certificate, context.get()) <= 0)
    return issue_failed(last_error());
  return {};
}

/// Everything that roots and leaves have in common, unsigned.
Result<X509Certificate> begin(const PublicKey& key, const Subject& subject, WallTime now, int days,
                              Entropy& entropy) {
  openssl::start();
  X509Certificate certificate(X509_new());
  const Key public_key = openssl::to_openssl(key);
  if (!certificate || !public_key || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_pubkey(certificate.get(), public_key.get()) != 1)
    return issue_failed(last_error());
  HANGU_CHECK(set_serial(certificate.get(), entropy));
  HANGU_CHECK(set_times(certificate.get(), now, days));
  HANGU_CHECK(set_name(X509_get_subject_name(certificate.get()), subject));
  return certificate;
}

/// Signed, and read back as anyone else would read it.
Result<Certificate> finish(X509* certificate, const SigningKey& key) {
  HANGU_CHECK(sign(certificate, key));
  HANGU_TRY(const auto pem, openssl::encode_certificate(certificate));
  ERR_clear_error();
  return Certificate::parse_pem(pem);
}

Done check_subject(const Subject& subject) {
  HANGU_CHECK(check_id(IdForm::name, subject.name));
  for (const std::string& zone : subject.zones) HANGU_CHECK(check_id(IdForm::zone, zone));
  for (const std::string& role : subject.roles) HANGU_CHECK(check_id(IdForm::name, role));
  if (!is_utf8(subject.organisation) ||
      subject.organisation.size() > 4 * kOrganisationCharactersMax)
    return request_invalid("organisation");
  return {};
}

/// The key usage bits of a leaf; each key has one use, signing or sealing.
Result<const char*> key_usage(const PublicKey& key, const std::set<KeyUse>& uses) {
  const auto* recipient = std::get_if<RecipientKey>(&key);
  const bool seals = uses.contains(KeyUse::seal);
  if (uses.empty() || seals != (recipient != nullptr) || (seals && uses.size() > 1))
    return request_invalid("the key does not fit its uses");
  if (recipient == nullptr) return "critical,digitalSignature";
  return recipient->suite() == Suite::gm ? "critical,keyEncipherment" : "critical,keyAgreement";
}

}  // namespace

Result<Authority> Authority::create(Suite suite, std::string_view common_name, WallTime now,
                                    int days, Entropy& entropy) {
  const Subject subject{.kind = HolderKind::authority,
                        .name = std::string(common_name),
                        .organisation = {},
                        .zones = {},
                        .roles = {},
                        .dns_names = {}};
  HANGU_CHECK(check_subject(subject));
  HANGU_TRY(auto key, SigningKey::generate(signature_of(suite), entropy));
  HANGU_TRY(const auto root, begin(key.verify_key(), subject, now, days, entropy));
  if (X509_set_issuer_name(root.get(), X509_get_subject_name(root.get())) != 1)
    return issue_failed(last_error());
  HANGU_CHECK(
      add_extension(root.get(), root.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0"));
  HANGU_CHECK(add_extension(root.get(), root.get(), NID_key_usage, "critical,keyCertSign,cRLSign"));
  HANGU_CHECK(add_extension(root.get(), root.get(), NID_subject_key_identifier, "hash"));
  HANGU_CHECK(add_alternative_names(root.get(), subject));
  HANGU_TRY(auto certificate, finish(root.get(), key));
  return Authority(std::move(certificate), std::move(key));
}

Result<Authority> Authority::load(std::string_view certificate_pem, std::string_view key_pem) {
  HANGU_TRY(auto certificate, Certificate::parse_pem(certificate_pem));
  HANGU_TRY(auto key, read_signing_key_pem(bytes_of(key_pem)));
  if (certificate.subject().kind != HolderKind::authority)
    return openssl::certificate_invalid("not an authority's certificate");
  if (certificate.verify_key() == nullptr || *certificate.verify_key() != key.verify_key())
    return fail(ErrorCode::malformed, "key-invalid", "not the key of the certificate");
  return Authority(std::move(certificate), std::move(key));
}

Result<Certificate> Authority::issue(const PublicKey& key, const Subject& subject,
                                     const std::set<KeyUse>& uses, WallTime now, int days,
                                     Entropy& entropy) const {
  HANGU_CHECK(check_subject(subject));
  if (subject.kind == HolderKind::authority) return request_invalid("leaves are no authorities");
  HANGU_TRY(const char* usage, key_usage(key, uses));
  HANGU_TRY(const auto issuer, openssl::decode_certificate(certificate_.pem()));
  HANGU_TRY(const auto leaf, begin(key, subject, now, days, entropy));
  if (X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer.get())) != 1)
    return issue_failed(last_error());
  HANGU_CHECK(add_extension(leaf.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE"));
  HANGU_CHECK(add_extension(leaf.get(), issuer.get(), NID_key_usage, usage));
  const bool server = uses.contains(KeyUse::tls_server);
  const bool client = uses.contains(KeyUse::tls_client);
  if (server || client)
    HANGU_CHECK(add_extension(leaf.get(), issuer.get(), NID_ext_key_usage,
                              server && client ? "serverAuth,clientAuth"
                              : server         ? "serverAuth"
                                               : "clientAuth"));
  HANGU_CHECK(add_extension(leaf.get(), issuer.get(), NID_subject_key_identifier, "hash"));
  HANGU_CHECK(
      add_extension(leaf.get(), issuer.get(), NID_authority_key_identifier, "keyid:always"));
  HANGU_CHECK(add_alternative_names(leaf.get(), subject));
  return finish(leaf.get(), key_);
}

}  // namespace hangu::crypto
