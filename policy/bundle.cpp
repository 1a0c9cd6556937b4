#include "policy/bundle.hpp"

#include <algorithm>
#include <limits>

#include "base/limits.hpp"
#include "crypto/hash.hpp"
#include "policy/signed_document.hpp"
#include "wire/json.hpp"

namespace hangu::policy {

std::string Bundle::to_text() const {
  return wire::Json(wire::JsonObject{{"catalogue", catalogue},
                                     {"parent", parent},
                                     {"policy", policy},
                                     {"release", release}})
      .to_text();
}

Result<Bundle> Bundle::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kStatementBytesMax));
  wire::Fields f(json, "bundle");
  Bundle out;
  out.catalogue = f.text("catalogue", kStatementBytesMax);
  out.parent = f.text("parent", kStatementBytesMax);
  out.policy = f.text("policy", kStatementBytesMax);
  out.release = static_cast<std::uint32_t>(
      f.integer("release", 1, std::numeric_limits<std::uint32_t>::max()));
  HANGU_CHECK(f.finish());
  if (out.to_text() != text) return flow::not_canonical("bundle");
  return out;
}

Result<Bundle> bundle_in(const flow::Envelope& envelope) {
  if (envelope.payload_type != kBundlePayloadType)
    return fail(ErrorCode::forbidden, "document-type",
                std::string(kBundlePayloadType) + " expected");
  return Bundle::parse(text_of(envelope.payload));
}

std::string digest_of(const flow::Envelope& envelope) {
  return to_hex(crypto::hash(crypto::HashAlgorithm::sha256, envelope.payload));
}

Done check_signatures(const flow::Envelope& bundle, const Signers& signers, bool widens) {
  std::size_t officers = 0;
  std::size_t owners = 0;
  std::string names;
  for (const Signer* signer : signers.of(bundle)) {
    if (signer->duty == Duty::classification_authority) continue;
    ++(signer->duty == Duty::policy_officer ? officers : owners);
    names += (names.empty() ? "" : ", ") + signer->human;
  }
  const std::size_t demanded = widens ? kWideningSignersMin : kBundleSignersMin;
  if (officers + owners >= demanded && officers >= 1 && (owners >= 1 || !widens)) return {};
  return fail(ErrorCode::forbidden, "policy-signatures-few",
              std::to_string(officers + owners) + " of " + std::to_string(demanded) + " people" +
                  (names.empty() ? "" : " (" + names + ")") +
                  (officers == 0 ? "; no policy-officer" : "") +
                  (widens && owners == 0 ? "; no data-owner" : ""));
}

Result<std::string> open_catalogue(std::string_view envelope_text, const Signers& signers) {
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(envelope_text));
  if (envelope.payload_type != kCataloguePayloadType)
    return fail(ErrorCode::forbidden, "document-type",
                std::string(kCataloguePayloadType) + " expected");
  const auto signed_by = signers.of(envelope);
  if (std::ranges::none_of(signed_by, [](const Signer* signer) {
        return signer->duty == Duty::classification_authority;
      }))
    return fail(ErrorCode::forbidden, "catalogue-unsigned", std::string(kCataloguePayloadType));
  return std::string(text_of(envelope.payload));
}

}  // namespace hangu::policy
