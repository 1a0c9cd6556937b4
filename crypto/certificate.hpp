#pragma once
// X.509 certificates (OpenSSL): who holds a key. One identity per certificate, as a URI in the
// subject alternative name: "hangu:<kind>:<name>", with the zone, organisation and roles that the
// issuing authority states in further URIs ("hangu:zone:egov", "hangu:role:reviewer", …).

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "crypto/sealing.hpp"
#include "crypto/signature.hpp"

namespace hangu::crypto {

/// What a certificate's holder is.
enum class HolderKind : std::uint8_t {
  node = 0,
  person = 1,
  stage = 2,
  gateway = 3,
  authority = 4
};

/// Subject is the identity stated in a certificate.
struct Subject {
  HolderKind kind = HolderKind::node;
  std::string name;                 ///< node, person, stage or gateway name (checked as an id)
  std::string organisation;         ///< O; may be Chinese
  std::set<std::string> zones;      ///< zones in which the holder may appear
  std::set<std::string> roles;      ///< e.g. reviewer
  std::set<std::string> dns_names;  ///< TLS server names and addresses ("ip:127.0.0.1")
  bool operator==(const Subject&) const = default;
};

using PublicKey = std::variant<VerifyKey, RecipientKey>;

/// Certificate is a parsed leaf or authority certificate; verified only by TrustAnchors.
class Certificate {
 public:
  /// Exactly one PEM certificate. Errors: Malformed "certificate-invalid".
  [[nodiscard]] static Result<Certificate> parse_pem(std::string_view pem);
  [[nodiscard]] const std::string& pem() const { return pem_; }
  [[nodiscard]] const Subject& subject() const { return subject_; }
  /// The subject's key: a signature key, or a recipient key (X25519; SM2 with keyEncipherment).
  [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
  [[nodiscard]] const VerifyKey* verify_key() const { return std::get_if<VerifyKey>(&public_key_); }
  [[nodiscard]] const RecipientKey* recipient_key() const {
    return std::get_if<RecipientKey>(&public_key_);
  }
  /// SHA-256 of the DER, hex.
  [[nodiscard]] const std::string& fingerprint() const { return fingerprint_; }
  [[nodiscard]] WallTime not_before() const { return not_before_; }
  [[nodiscard]] WallTime not_after() const { return not_after_; }

 private:
  Certificate(std::string pem, Subject subject, PublicKey key)
      : pem_(std::move(pem)), subject_(std::move(subject)), public_key_(std::move(key)) {}
  std::string pem_;
  Subject subject_;
  PublicKey public_key_;
  std::string fingerprint_;
  WallTime not_before_;
  WallTime not_after_;
};

/// TrustAnchors are the authorities whose certificates count (one per suite, usually).
class TrustAnchors {
 public:
  /// One to 16 PEM authority certificates, each signed by itself.
  /// Errors: Malformed "certificate-invalid".
  [[nodiscard]] static Result<TrustAnchors> parse_pem(std::string_view pem);
  /// Checks signature by an anchor, validity at `now`, CA and key-usage bits, that no unknown
  /// critical extension is present, and that the holder is of `kind`.
  /// A chain is an anchor and the certificate. Thread: any.
  /// Errors: Malformed "certificate-invalid"; Forbidden "certificate-untrusted",
  /// "certificate-expired" (from its last second on), "certificate-not-yet",
  /// "certificate-wrong-kind".
  [[nodiscard]] Result<Certificate> check(std::string_view pem, HolderKind kind,
                                          WallTime now) const;
  [[nodiscard]] const std::string& pem() const { return pem_; }

 private:
  struct State;
  explicit TrustAnchors(std::string pem) : pem_(std::move(pem)) {}
  std::string pem_;
  std::shared_ptr<const State> state_;  // the parsed anchors, shared by the copies of this object
};

/// What an issued certificate's key is for.
enum class KeyUse : std::uint8_t { sign, seal, tls_server, tls_client };

/// Authority is a development certificate authority: it makes its root and issues leaves.
class Authority {
 public:
  /// A new root valid for `days`. intl: Ed25519 key; gm: SM2 key with SM3. `common_name` is a name
  /// as IdForm::name has it. Errors: Malformed "id-invalid", "certificate-request-invalid".
  [[nodiscard]] static Result<Authority> create(Suite suite, std::string_view common_name,
                                                WallTime now, int days, Entropy& entropy);
  /// From its certificate and key file (see write_key_pem).
  [[nodiscard]] static Result<Authority> load(std::string_view certificate_pem,
                                              std::string_view key_pem);
  /// A leaf for a public key; `uses` decide key usage: a key either signs (also for TLS) or seals.
  /// Serial numbers are random. Errors: Malformed "id-invalid", "certificate-request-invalid".
  [[nodiscard]] Result<Certificate> issue(const PublicKey& key, const Subject& subject,
                                          const std::set<KeyUse>& uses, WallTime now, int days,
                                          Entropy& entropy) const;
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  [[nodiscard]] const SigningKey& key() const { return key_; }

 private:
  Authority(Certificate certificate, SigningKey key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}
  Certificate certificate_;
  SigningKey key_;
};

/// Private keys as PKCS#8 PEM files ("-----BEGIN PRIVATE KEY-----"); files are 0600 or stricter.
[[nodiscard]] Result<Bytes> write_key_pem(const SigningKey& key);
[[nodiscard]] Result<Bytes> write_key_pem(const OpeningKey& key);
/// Errors: Malformed "key-invalid". `pem` should be wiped by the caller after.
[[nodiscard]] Result<SigningKey> read_signing_key_pem(ByteView pem);
[[nodiscard]] Result<OpeningKey> read_opening_key_pem(Suite suite, ByteView pem);

}  // namespace hangu::crypto
