#pragma once
// Release: a bundle that the gate let pass, as it lies on a gateway (policy/in-force.json,
// policy/shadow.json). Who decides by it checks every signature again; the gate's says what only
// the gate can prove. docs/protocols/policy-release.md §4.

#include <string>

#include "base/time.hpp"
#include "policy/bundle.hpp"

namespace hangu::policy {

inline constexpr std::string_view kGatePayloadType = "application/vnd.hangu.policy-gate+json";
inline constexpr std::size_t kReleaseBytesMax = std::size_t{10} << 20;  ///< envelopes, quoted
inline constexpr std::size_t kReleasesBeforeMax = 256;

enum class ReleaseMode : std::uint8_t {
  enforced,  ///< decides
  shadow,    ///< is asked beside the one that decides, and changes nothing
};
[[nodiscard]] std::string_view to_text(ReleaseMode mode);

/// What the gate found of a bundle, and signs.
struct GateReport {
  WallTime at;
  std::string bundle;    ///< digest_of()
  std::string policy;    ///< "<id>@<version>"
  std::string previous;  ///< digest_of() what was in force then; empty: nothing was
  std::uint32_t release = 1;
  ReleaseMode mode = ReleaseMode::enforced;
  std::vector<std::string> signers;  ///< the humans, in the order of the signers' file
  bool widens = true;                ///< against `previous`: new access, or less demanded

  [[nodiscard]] std::string to_text() const;
  /// Errors: Malformed "json-…", "field-…", "statement-not-canonical".
  [[nodiscard]] static Result<GateReport> parse(std::string_view text);
};

/// A release out of its file, every signature of it checked.
struct Release {
  flow::Envelope envelope;  ///< the bundle's
  Bundle bundle;
  std::string catalogue;  ///< TOML
  GateReport report;
  /// Those that were enforced before, the oldest first, each the previous of the next: at most
  /// kReleasesBeforeMax. So the log can be told of all, also of one that nobody decided by.
  std::vector<GateReport> before;

  /// Errors: Forbidden "policy-ungated" (the gate's key, the bundle, its release, the mode or the
  /// order of those before is another), "policy-signatures-few", "catalogue-unsigned",
  /// "document-type"; those of the parsers.
  [[nodiscard]] static Result<Release> open(std::string_view text, ReleaseMode mode,
                                            const Signers& signers, const crypto::VerifyKey& gate);
};

/// What a file holds of the gate's reports, whoever signed its bundle: for the next release.
struct GateChain {
  std::string bundle;                ///< digest of the newest; empty: there is none
  std::uint32_t release = 0;         ///< of the newest
  std::vector<std::string> reports;  ///< envelopes, the oldest first, the newest last
};
/// The chain of a file, whoever signed its bundle.
/// Errors: Forbidden "policy-ungated" (reports that the gate did not sign, or in another order);
/// those of the parsers.
[[nodiscard]] Result<GateChain> chain_in(std::string_view text, const crypto::VerifyKey& gate);

/// The file's text: {"before":["<envelope>",…],"bundle":"<envelope>","gate":"<envelope>"}.
[[nodiscard]] Result<std::string> release_text(const flow::Envelope& bundle,
                                               const GateReport& report, GateChain before,
                                               const crypto::SigningKey& gate);

}  // namespace hangu::policy
