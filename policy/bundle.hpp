#pragma once
// Bundle: a policy with everything that it stands on, as humans sign it: the catalogue with its
// authority's signature, the parent's bundle, and a release number.
// docs/protocols/policy-release.md.

#include <string>

#include "policy/signers.hpp"

namespace hangu::policy {

inline constexpr std::string_view kBundlePayloadType = "application/vnd.hangu.policy-bundle+json";

/// New access, or less demanded, takes one human more, and one of all must be a data owner.
inline constexpr std::size_t kBundleSignersMin = 2;
inline constexpr std::size_t kWideningSignersMin = 3;

struct Bundle {
  std::string catalogue;      ///< its envelope, signed by a classification authority
  std::string parent;         ///< the parent's bundle, its envelope; empty: there is none
  std::string policy;         ///< TOML, as written
  std::uint32_t release = 1;  ///< 1 .. UINT32_MAX; rises with every activation, also of old content

  /// Canonical JSON, its members in the order above.
  [[nodiscard]] std::string to_text() const;
  /// Errors: Malformed "json-…", "field-…", "statement-not-canonical".
  [[nodiscard]] static Result<Bundle> parse(std::string_view text);
};

/// A bundle out of its envelope. Its signatures have not been looked at.
/// Errors: Forbidden "document-type"; those of Envelope::parse and Bundle::parse.
[[nodiscard]] Result<Bundle> bundle_in(const flow::Envelope& envelope);
/// SHA-256 of the payload, hex: what the gate's report, the log and people name it by.
[[nodiscard]] std::string digest_of(const flow::Envelope& envelope);

/// Whether the right humans have signed: kBundleSignersMin policy officers and data owners, one of
/// them a policy officer; where it `widens`, kWideningSignersMin, one of them a data owner.
/// Errors: Forbidden "policy-signatures-few", saying who has signed and who lacks.
[[nodiscard]] Done check_signatures(const flow::Envelope& bundle, const Signers& signers,
                                    bool widens);
/// The catalogue's text. Errors: Forbidden "document-type", "catalogue-unsigned" (no classification
/// authority among `signers` has signed it); those of Envelope::parse.
[[nodiscard]] Result<std::string> open_catalogue(std::string_view envelope_text,
                                                 const Signers& signers);

}  // namespace hangu::policy
