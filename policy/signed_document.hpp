#pragma once
// Signed documents: policy, catalogue and people come as DSSE envelopes around their text. There
// is no unsigned way in.

#include <span>
#include <string>

#include "flow/envelope.hpp"

namespace hangu::policy {

inline constexpr std::string_view kPolicyPayloadType = "application/vnd.hangu.policy+toml";
inline constexpr std::string_view kCataloguePayloadType = "application/vnd.hangu.catalogue+toml";
inline constexpr std::string_view kPeoplePayloadType = "application/vnd.hangu.people+json";

/// The payload of `envelope_text` when it is of `payload_type` and signed by one of `officers`.
/// Errors: Forbidden "document-unsigned", "document-type"; those of Envelope::parse.
[[nodiscard]] Result<std::string> open_signed(std::string_view envelope_text,
                                              std::string_view payload_type,
                                              std::span<const crypto::VerifyKey> officers);
/// The envelope text around a document.
[[nodiscard]] Result<std::string> sign_document(std::string_view payload_type,
                                                std::string_view text,
                                                const crypto::SigningKey& officer);

}  // namespace hangu::policy
