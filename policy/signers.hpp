#pragma once
// Signers: the humans whose signatures make a policy count, each with one duty. Humans are counted,
// never keys or signatures (anchors/signers.json). docs/protocols/policy-release.md §2.

#include <string>
#include <vector>

#include "crypto/signature.hpp"
#include "flow/envelope.hpp"

namespace hangu::policy {

inline constexpr std::size_t kSignersMax = 64;
inline constexpr std::size_t kKeysOfSignerMax = 4;

/// One human has one duty, so that who writes rules does not also name the grades.
enum class Duty : std::uint8_t {
  policy_officer,            ///< writes and approves rules
  classification_authority,  ///< names grades, zones and declassifiers: the catalogue
  data_owner,                ///< answers for the data that new access opens
};
[[nodiscard]] std::string_view to_text(Duty duty);  ///< "policy-officer", …
/// Errors: Malformed "duty-unknown".
[[nodiscard]] Result<Duty> parse_duty(std::string_view text);

struct Signer {
  std::string human;
  std::string organisation;
  Duty duty = Duty::policy_officer;
  std::vector<crypto::VerifyKey> keys;  ///< 1..kKeysOfSignerMax
};

class Signers {
 public:
  /// Errors: Malformed "signers-invalid" (a human or a key that stands there twice, no key, none
  /// or more than kSignersMax of them).
  [[nodiscard]] static Result<Signers> create(std::vector<Signer> signers);
  /// Canonical JSON {"signers":[{"duty":…,"human":…,"keys":[…],"organisation":…},…]}.
  /// Errors: Malformed "field-…", "key-invalid", "signers-invalid".
  [[nodiscard]] static Result<Signers> parse(std::string_view text);
  [[nodiscard]] static Result<Signers> load(const std::string& path);
  /// As a gateway goes by them: no auditor's key (anchors/auditors.json) may be among them.
  /// Errors: those of load(), also "signers-invalid"; of the auditors' file.
  [[nodiscard]] static Result<Signers> load(const std::string& path, const std::string& auditors);
  [[nodiscard]] std::string to_text() const;

  /// Who has signed, each human once, in the order of the file; signatures of others count nothing.
  [[nodiscard]] std::vector<const Signer*> of(const flow::Envelope& envelope) const;
  [[nodiscard]] const std::vector<Signer>& all() const { return signers_; }
  /// The human with this key.
  [[nodiscard]] const Signer* holder(const crypto::VerifyKey& key) const;

 private:
  explicit Signers(std::vector<Signer> signers) : signers_(std::move(signers)) {}
  std::vector<Signer> signers_;
};

}  // namespace hangu::policy
