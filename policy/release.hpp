#pragma once
// Release: a bundle that the gate let pass, as it lies on a gateway (policy/in-force.json,
// policy/shadow.json). Who decides by it checks every signature again; the gate's says what only
// the gate can prove. docs/protocols/policy-release.md §4.

#include <string>

#include "base/time.hpp"
#include "policy/bundle.hpp"

namespace hangu::policy {

inline constexpr std::string_view kGatePayloadType = "application/vnd.hangu.policy-gate+json";
inline constexpr std::size_t kReleaseBytesMax = std::size_t{9} << 20;  ///< two envelopes, quoted

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
  bool widens = true;  ///< against `previous`: new access, or less demanded

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
  std::vector<std::string> humans;  ///< who signed the bundle, in the order of the signers' file

  /// Errors: Forbidden "policy-ungated" (the gate's key, the bundle, its release or the mode is
  /// another), "policy-signatures-few", "catalogue-unsigned", "document-type"; those of the
  /// parsers.
  [[nodiscard]] static Result<Release> open(std::string_view text, ReleaseMode mode,
                                            const Signers& signers, const crypto::VerifyKey& gate);
};

/// The file's text: {"bundle":"<envelope>","gate":"<envelope>"}.
[[nodiscard]] Result<std::string> release_text(const flow::Envelope& bundle,
                                               const GateReport& report,
                                               const crypto::SigningKey& gate);

}  // namespace hangu::policy
