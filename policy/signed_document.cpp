#include "policy/signed_document.hpp"

#include <algorithm>

namespace hangu::policy {

Result<std::string> open_signed(std::string_view envelope_text, std::string_view payload_type,
                                std::span<const crypto::VerifyKey> officers) {
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(envelope_text));
  if (envelope.payload_type != payload_type)
    return fail(ErrorCode::forbidden, "document-type", std::string(payload_type) + " expected");
  if (std::ranges::none_of(officers, [&](const auto& key) { return envelope.signed_by(key); }))
    return fail(ErrorCode::forbidden, "document-unsigned", std::string(payload_type));
  return std::string(text_of(envelope.payload));
}

Result<std::string> sign_document(std::string_view payload_type, std::string_view text,
                                  const crypto::SigningKey& officer) {
  HANGU_TRY(const flow::Envelope envelope,
            flow::Envelope::sign(std::string(payload_type), to_bytes(text), officer));
  return envelope.to_text();
}

}  // namespace hangu::policy
