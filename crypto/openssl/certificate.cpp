// Certificate: what a holder's certificate states.

#include "crypto/certificate.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <ctime>

#include <openssl/core_names.h>
#include <openssl/err.h>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "crypto/openssl/x509.hpp"

namespace hangu::crypto {
namespace openssl {
namespace {

using GeneralNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using Asn1Text = Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;

constexpr std::array kKinds = {HolderKind::node, HolderKind::person, HolderKind::stage,
                               HolderKind::gateway, HolderKind::authority};
constexpr int kAlternativeNamesMax = 64;
constexpr std::size_t kDnsNameBytesMax = 253;

std::string bytes_text(const ASN1_STRING* text) {
  const void* start_of = ASN1_STRING_get0_data(text);
  return {static_cast<const char*>(start_of), static_cast<std::size_t>(ASN1_STRING_length(text))};
}

/// The one value of attribute `nid`, as UTF-8; empty when it is absent.
Result<std::string> attribute(const X509_NAME* name, int nid) {
  const int at = X509_NAME_get_index_by_NID(name, nid, -1);
  if (at < 0) return std::string();
  if (X509_NAME_get_index_by_NID(name, nid, at) >= 0)
    return certificate_invalid("an attribute of the subject stands twice");
  unsigned char* utf8 = nullptr;
  const int length =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
  if (length < 0) return certificate_invalid("an attribute of the subject is no text");
  const void* start_of = utf8;
  std::string text(static_cast<const char*>(start_of), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  if (!is_utf8(text)) return certificate_invalid("an attribute of the subject is not UTF-8");
  return text;
}

/// One of "hangu:zone:…", "hangu:role:…" or, once, "hangu:<kind>:<name>"; other schemes say
/// nothing to us.
Done read_uri(std::string_view uri, Subject& subject) {
  if (!uri.starts_with(kIdentityScheme)) return {};
  const std::string_view rest = uri.substr(kIdentityScheme.size());
  if (rest.starts_with(kZonePrefix)) {
    const std::string_view zone = rest.substr(kZonePrefix.size());
    if (!check_id(IdForm::zone, zone)) return certificate_invalid("zone " + printable(zone, 40));
    subject.zones.emplace(zone);
    return {};
  }
  if (rest.starts_with(kRolePrefix)) {
    const std::string_view role = rest.substr(kRolePrefix.size());
    if (!check_id(IdForm::name, role)) return certificate_invalid("role " + printable(role, 40));
    subject.roles.emplace(role);
    return {};
  }
  for (const HolderKind kind : kKinds) {
    const std::string prefix = std::string(kind_text(kind)) + ":";
    if (!rest.starts_with(prefix)) continue;
    const std::string_view name = rest.substr(prefix.size());
    if (!subject.name.empty()) return certificate_invalid("more than one identity");
    if (!check_id(IdForm::name, name)) return certificate_invalid("name " + printable(name, 40));
    subject.kind = kind;
    subject.name = name;
    return {};
  }
  return certificate_invalid("unknown " + printable(uri, 80));
}

Result<std::string> read_dns(const ASN1_STRING* value) {
  std::string name = bytes_text(value);
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '*' || c == '_';
  };
  if (name.empty() || name.size() > kDnsNameBytesMax || !std::ranges::all_of(name, allowed))
    return certificate_invalid("DNS name " + printable(name, 40));
  return name;
}

Result<std::string> read_address(const ASN1_OCTET_STRING* value) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int length = ASN1_STRING_length(value);
  const int family = length == 4 ? AF_INET : AF_INET6;
  if ((length != 4 && length != 16) ||
      ::inet_ntop(family, ASN1_STRING_get0_data(value), text.data(), text.size()) == nullptr)
    return certificate_invalid("IP address");
  return std::string(kAddressPrefix) + text.data();
}

Done read_alternative_names(X509* certificate, Subject& subject) {
  int critical = 0;
  const void* raw = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr);
  const GeneralNames names(static_cast<GENERAL_NAMES*>(const_cast<void*>(raw)));
  if (!names) return certificate_invalid("no, two or malformed subject alternative names");
  const int count = sk_GENERAL_NAME_num(names.get());
  if (count > kAlternativeNamesMax) return certificate_invalid("too many alternative names");
  for (int i = 0; i < count; ++i) {
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type == GEN_URI) {
      HANGU_CHECK(read_uri(bytes_text(value), subject));
    } else if (type == GEN_DNS) {
      HANGU_TRY(auto name, read_dns(value));
      subject.dns_names.insert(std::move(name));
    } else if (type == GEN_IPADD) {
      HANGU_TRY(auto address, read_address(value));
      subject.dns_names.insert(std::move(address));
    }
  }
  return {};
}

unsigned unsigned_of(int value) { return static_cast<unsigned>(value); }

Result<Bytes> raw_public_key(EVP_PKEY* key) {
  std::size_t length = 0;
  if (EVP_PKEY_get_raw_public_key(key, nullptr, &length) != 1)
    return certificate_invalid("public key");
  Bytes point(length);
  if (EVP_PKEY_get_raw_public_key(key, octets_out(point), &length) != 1)
    return certificate_invalid("public key");
  return point;
}

/// The group's name and the encoded point of a key on a curve.
struct CurvePoint {
  std::string group;
  Bytes point;
};
Result<CurvePoint> curve_point(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::array<std::byte, 133> point{};  // the uncompressed form on P-521, the largest known curve
  std::size_t length = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size(),
                                     nullptr) != 1 ||
      EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, octets_out(point), point.size(),
                                      &length) != 1)
    return certificate_invalid("public key");
  return CurvePoint{.group = group.data(), .point = to_bytes(ByteView(point).first(length))};
}

Result<PublicKey> as_verify_key(SignatureAlgorithm algorithm, ByteView point) {
  auto key = VerifyKey::create(algorithm, point);
  if (!key) return certificate_invalid("public key: " + key.error().context());
  return PublicKey(*std::move(key));
}

Result<PublicKey> as_recipient_key(Suite suite, ByteView point) {
  auto key = RecipientKey::create(suite, point);
  if (!key) return certificate_invalid("public key: " + key.error().context());
  return PublicKey(*std::move(key));
}

}  // namespace

std::string_view kind_text(HolderKind kind) {
  switch (kind) {
    case HolderKind::node: return "node";
    case HolderKind::person: return "person";
    case HolderKind::stage: return "stage";
    case HolderKind::gateway: return "gateway";
    case HolderKind::authority: return "authority";
  }
  return "?";
}

Result<Subject> subject_of(X509* certificate) {
  Subject subject;
  HANGU_CHECK(read_alternative_names(certificate, subject));
  if (subject.name.empty()) return certificate_invalid("no identity");
  const X509_NAME* name = X509_get_subject_name(certificate);
  HANGU_TRY(const auto common_name, attribute(name, NID_commonName));
  if (common_name != subject.name)
    return certificate_invalid("common name and identity differ: " + printable(common_name, 80));
  HANGU_TRY(subject.organisation, attribute(name, NID_organizationName));
  return subject;
}

Result<PublicKey> public_key_of(X509* certificate) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return certificate_invalid("public key: " + last_error());
  const std::uint32_t usage = X509_get_key_usage(certificate);  // all bits when not stated
  if (usage == UINT32_MAX) return certificate_invalid("no key usage");
  const bool signs = (usage & (KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN)) != 0;
  const bool seals = (usage & (KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) != 0;
  if (signs == seals) return certificate_invalid("key usage: neither or both of sign and seal");

  if (EVP_PKEY_is_a(key, "ED25519") == 1 && signs) {
    HANGU_TRY(const auto point, raw_public_key(key));
    return as_verify_key(SignatureAlgorithm::ed25519, point);
  }
  if (EVP_PKEY_is_a(key, "X25519") == 1 && seals) {
    HANGU_TRY(const auto point, raw_public_key(key));
    return as_recipient_key(Suite::intl, point);
  }
  if (EVP_PKEY_is_a(key, "EC") == 1 || EVP_PKEY_is_a(key, "SM2") == 1) {
    HANGU_TRY(const auto curve, curve_point(key));
    if (curve.group == "SM2")
      return seals ? as_recipient_key(Suite::gm, curve.point)
                   : as_verify_key(SignatureAlgorithm::sm2, curve.point);
    if (curve.group == "prime256v1" && signs)
      return as_verify_key(SignatureAlgorithm::ecdsa_p256, curve.point);
  }
  return certificate_invalid("a kind of key that Hangu does not use, or not for this");
}

Result<WallTime> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return certificate_invalid("validity");
  // Not timegm(): it opens /etc/localtime, which a sandbox forbids.
  using namespace std::chrono;
  const year_month_day date(year(parts.tm_year + 1900), month(unsigned_of(parts.tm_mon + 1)),
                            day(unsigned_of(parts.tm_mday)));
  if (!date.ok()) return certificate_invalid("validity");
  return WallTime(sys_days(date).time_since_epoch() + hours(parts.tm_hour) + minutes(parts.tm_min) +
                  seconds(parts.tm_sec));
}

void expect_sm2_identity(X509* certificate) {
  if (X509_get_signature_nid(certificate) != NID_SM2_with_SM3) return;
  Asn1Text identity(ASN1_OCTET_STRING_new());
  HANGU_ASSERT(identity && ASN1_OCTET_STRING_set(identity.get(), octets(bytes_of(kSm2Identity)),
                                                 static_cast<int>(kSm2Identity.size())) == 1);
  X509_set0_distinguishing_id(certificate, identity.release());
}

bool signature_algorithm_known(const X509* certificate) {
  const int nid = X509_get_signature_nid(certificate);
  return nid == NID_ED25519 || nid == NID_ecdsa_with_SHA256 || nid == NID_SM2_with_SM3;
}

}  // namespace openssl

Result<Certificate> Certificate::parse_pem(std::string_view pem) {
  HANGU_TRY(const auto decoded, openssl::decode_certificate(pem));
  if (X509_get_version(decoded.get()) != X509_VERSION_3)
    return openssl::certificate_invalid("not version 3");
  if (!openssl::signature_algorithm_known(decoded.get()))
    return openssl::certificate_invalid("a signature algorithm that Hangu does not use");
  HANGU_TRY(auto subject, openssl::subject_of(decoded.get()));
  HANGU_TRY(auto text, openssl::encode_certificate(decoded.get()));
  // Not HANGU_TRY: g++ 12 takes a moved variant for an uninitialised one.
  auto key = openssl::public_key_of(decoded.get());
  if (!key) return std::unexpected(std::move(key).error());
  Certificate certificate(std::move(text), std::move(subject), *std::move(key));
  HANGU_TRY(certificate.not_before_, openssl::time_of(X509_get0_notBefore(decoded.get())));
  HANGU_TRY(certificate.not_after_, openssl::time_of(X509_get0_notAfter(decoded.get())));
  Hash fingerprint{};
  if (X509_digest(decoded.get(), openssl::sha256(), octets_out(fingerprint), nullptr) != 1)
    return fail(ErrorCode::internal, "certificate-digest-failed", openssl::last_error());
  certificate.fingerprint_ = to_hex(fingerprint);
  ERR_clear_error();
  return certificate;
}

}  // namespace hangu::crypto
