#include "flow/envelope.hpp"

#include "base/limits.hpp"

namespace hangu::flow {
namespace {

constexpr std::size_t kCertificateBytesMax = 16 * 1024;

Result<EnvelopeSignature> parse_signature(const wire::Json& json) {
  wire::Fields f(json, "signature");
  EnvelopeSignature out;
  out.key_id = f.text("keyid", kKeyIdBytesMax);
  out.signature =
      f.accept("sig", from_base64(f.text("sig", kSignatureTextBytesMax))).value_or(Bytes{});
  out.certificate = f.optional_text("cert", kCertificateBytesMax).value_or("");
  HANGU_CHECK(f.finish());
  return out;
}

}  // namespace

std::unexpected<Error> not_canonical(std::string_view what) {
  return fail(ErrorCode::malformed, "statement-not-canonical", std::string(what));
}

Bytes pre_authentication_encoding(std::string_view payload_type, ByteView payload) {
  Bytes out = to_bytes("DSSEv1 " + std::to_string(payload_type.size()) + " " +
                       std::string(payload_type) + " " + std::to_string(payload.size()) + " ");
  append(out, payload);
  return out;
}

std::string Envelope::to_text() const {
  wire::JsonArray items;
  for (const EnvelopeSignature& s : signatures) {
    wire::JsonObject item{{"keyid", s.key_id}, {"sig", to_base64(s.signature)}};
    if (!s.certificate.empty()) item.emplace_back("cert", s.certificate);
    items.emplace_back(std::move(item));
  }
  return wire::Json(wire::JsonObject{{"payload", to_base64(payload)},
                                     {"payloadType", payload_type},
                                     {"signatures", std::move(items)}})
      .to_text();
}

Result<Envelope> Envelope::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kStatementBytesMax));
  wire::Fields f(json, "envelope");
  Envelope out;
  out.payload =
      f.accept("payload", from_base64(f.text("payload", kStatementBytesMax))).value_or(Bytes{});
  out.payload_type = f.text("payloadType", kPayloadTypeBytesMax);
  const wire::JsonArray items = f.array("signatures", kApprovalsMax);
  HANGU_CHECK(f.finish());
  if (items.empty()) return fail(ErrorCode::malformed, "envelope-invalid", "no signature");
  for (const wire::Json& item : items) {
    HANGU_TRY(EnvelopeSignature s, parse_signature(item));
    out.signatures.push_back(std::move(s));
  }
  if (out.to_text() != text) return not_canonical("envelope");
  return out;
}

Result<Envelope> Envelope::sign(std::string payload_type, Bytes payload,
                                const crypto::SigningKey& key, std::string certificate) {
  HANGU_TRY(Bytes signature, key.sign(pre_authentication_encoding(payload_type, payload)));
  Envelope out{std::move(payload_type), std::move(payload), {}};
  out.signatures.push_back({key.verify_key().id(), std::move(signature), std::move(certificate)});
  return out;
}

bool Envelope::signed_by(const crypto::VerifyKey& key) const {
  const std::string id = key.id();
  for (const EnvelopeSignature& s : signatures)
    if (s.key_id == id &&
        key.verify(pre_authentication_encoding(payload_type, payload), s.signature))
      return true;
  return false;
}

}  // namespace hangu::flow
