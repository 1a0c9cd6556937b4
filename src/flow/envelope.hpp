#pragma once
// DSSE envelopes (secure-systems-lab/dsse v1): a payload and who signed it. The payload's type is
// part of what is signed, so one statement cannot pass for another.

#include <string>
#include <vector>

#include "crypto/signature.hpp"
#include "wire/json.hpp"

namespace hangu::flow {

inline constexpr std::size_t kPayloadTypeBytesMax = 128;
inline constexpr std::size_t kKeyIdBytesMax = 128;
inline constexpr std::size_t kSignatureTextBytesMax = 512;  ///< base64

inline constexpr std::string_view kStatementPayloadType = "application/vnd.in-toto+json";

/// One signature: the key's id, the signature, and the signer's certificate (PEM) where the
/// verifier does not know the key beforehand; empty for stages.
struct EnvelopeSignature {
  std::string key_id;
  Bytes signature;
  std::string certificate;
  bool operator==(const EnvelopeSignature&) const = default;
};

/// Envelope holds the payload bytes exactly as signed.
struct Envelope {
  std::string payload_type;
  Bytes payload;
  std::vector<EnvelopeSignature> signatures;

  /// Canonical JSON: {"payload":…,"payloadType":…,"signatures":[{"keyid":…,"sig":…[,"cert":…]}]}.
  [[nodiscard]] std::string to_text() const;
  /// Errors: Malformed "json-…", "field-…", "base64-invalid", "envelope-invalid" (no signature,
  /// more than kApprovalsMax), "statement-not-canonical" (`text` is not what to_text() writes).
  [[nodiscard]] static Result<Envelope> parse(std::string_view text);
  /// Signs `payload` (Json text) with one key.
  [[nodiscard]] static Result<Envelope> sign(std::string payload_type, Bytes payload,
                                             const crypto::SigningKey& key,
                                             std::string certificate = {});
  /// True when one signature carries the key's id and is the key's.
  [[nodiscard]] bool signed_by(const crypto::VerifyKey& key) const;
  bool operator==(const Envelope&) const = default;
};

/// What was read is not byte for byte what our writer writes for it: white space, escapes, the
/// order of members or sets, numbers, times. `what` was read.
[[nodiscard]] std::unexpected<Error> not_canonical(std::string_view what);

/// Pre-authentication encoding: "DSSEv1" SP len(type) SP type SP len(payload) SP payload.
[[nodiscard]] Bytes pre_authentication_encoding(std::string_view payload_type, ByteView payload);

}  // namespace hangu::flow
