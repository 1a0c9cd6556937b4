#include "audit/order.hpp"

#include <algorithm>

#include "audit/limits.hpp"
#include "wire/json.hpp"

namespace hangu::audit {
namespace {

constexpr std::string_view kPrune = "prune";
constexpr std::string_view kRelease = "release-counter";
constexpr std::size_t kKindBytesMax = 16;
constexpr std::size_t kDigestDigits = 64;

wire::Json act_json(const PruneOrder& act) {
  return wire::JsonObject{{"archive", act.archive}, {"before", act.before}};
}

wire::Json act_json(const ReleaseOrder& act) {
  return wire::JsonObject{{"counter", act.found.value},
                          {"kind", act.found.kind},
                          {"root", to_hex(act.head.root)},
                          {"size", act.head.size}};
}

Result<PruneOrder> read_prune(const wire::Json& json) {
  wire::Fields f(json, "order");
  PruneOrder out;
  out.archive = f.text("archive", kDigestDigits);
  out.before = static_cast<std::uint64_t>(f.integer("before", kTileWidth, kLogSizeMax));
  HANGU_CHECK(f.finish());
  if (!hash_from_hex(out.archive) || out.before % kTileWidth != 0)
    return fail(ErrorCode::malformed, "order-invalid", "whole bundles, and the archive's digest");
  return out;
}

Result<ReleaseOrder> read_release(const wire::Json& json) {
  wire::Fields f(json, "order");
  ReleaseOrder out;
  out.found.value = static_cast<std::uint64_t>(f.integer("counter", 0, INT64_MAX));
  out.found.kind = f.text("kind", kKindBytesMax);
  const std::string root = f.text("root", kDigestDigits);
  out.head.size = static_cast<std::uint64_t>(f.integer("size", 1, kLogSizeMax));
  HANGU_CHECK(f.finish());
  HANGU_TRY(out.head.root, hash_from_hex(root));
  return out;
}

Done check_length(std::string_view text) {
  if (text.size() <= kOrderBytesMax) return {};
  return fail(ErrorCode::exhausted, "order-too-long", std::to_string(text.size()) + " bytes");
}

Done check_count(const flow::Envelope& envelope) {
  const std::size_t count = envelope.signatures.size();
  if (count <= kOrderSignersMax) return {};
  return fail(ErrorCode::exhausted, "order-too-long", std::to_string(count) + " signatures");
}

/// Whose signatures they are, in the order of `auditors`.
Result<std::vector<std::string>> signers_of(const flow::Envelope& envelope,
                                            std::span<const Auditor> auditors) {
  std::vector<std::string> key_ids;
  for (const flow::EnvelopeSignature& signature : envelope.signatures) {
    if (std::ranges::find(key_ids, signature.key_id) != key_ids.end())
      return fail(ErrorCode::forbidden, "order-signed-twice", signature.key_id);
    key_ids.push_back(signature.key_id);
  }
  std::vector<std::string> signers;
  for (const Auditor& auditor : auditors) {
    const auto mine = std::ranges::find(key_ids, auditor.key.id());
    // One key under two names is one auditor.
    if (mine == key_ids.end() || !envelope.signed_by(auditor.key)) continue;
    key_ids.erase(mine);
    signers.push_back(auditor.name);
  }
  if (signers.size() < kOrderSignersMin)
    return fail(ErrorCode::forbidden, "order-unsigned",
                std::to_string(signers.size()) + " of 2 auditors");
  const bool bare = std::ranges::all_of(
      envelope.signatures, [](const auto& signature) { return signature.certificate.empty(); });
  if (!key_ids.empty() || !bare)
    return fail(ErrorCode::forbidden, "order-signature-unknown",
                bare ? key_ids.front() : "with a certificate");
  return signers;
}

}  // namespace

std::vector<Auditor> auditors_of(const config::StageKeys& keys) {
  std::vector<Auditor> out;
  for (const auto& [name, key] : keys) out.push_back({name, key});
  return out;
}

std::string Order::to_text() const {
  const bool prune = std::holds_alternative<PruneOrder>(act);
  return wire::Json(
             wire::JsonObject{{"act", std::visit([](const auto& a) { return act_json(a); }, act)},
                              {"expires", expires.to_text()},
                              {"order", prune ? kPrune : kRelease},
                              {"origin", origin},
                              {"reason", reason}})
      .to_text();
}

Result<Order> Order::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kOrderBytesMax));
  wire::Fields f(json, "order");
  Order out;
  const wire::Json act = f.value("act");
  const auto expires = f.accept("expires", WallTime::parse(f.text("expires", 40)));
  const std::string kind = f.text("order", kKindBytesMax);
  out.origin = f.text("origin", kOriginBytesMax);
  out.reason = f.text("reason", kOrderReasonBytesMax);
  HANGU_CHECK(f.finish());
  out.expires = *expires;
  if (out.reason.empty()) return fail(ErrorCode::malformed, "order-invalid", "no reason");
  if (kind == kPrune) {
    HANGU_TRY(out.act, read_prune(act));
  } else if (kind == kRelease) {
    HANGU_TRY(out.act, read_release(act));
  } else {
    return fail(ErrorCode::malformed, "order-invalid", "prune or release-counter");
  }
  if (out.to_text() != text) return flow::not_canonical("order");
  return out;
}

Result<SignedOrder> open_order(std::string_view envelope_text, std::span<const Auditor> auditors,
                               std::string_view origin, WallTime now) {
  HANGU_CHECK(check_length(envelope_text));
  HANGU_TRY(const flow::Envelope envelope, flow::Envelope::parse(envelope_text));
  if (envelope.payload_type != kOrderPayloadType)
    return fail(ErrorCode::malformed, "order-invalid", envelope.payload_type);
  HANGU_CHECK(check_count(envelope));
  HANGU_TRY(Order order, Order::parse(text_of(envelope.payload)));
  HANGU_TRY(std::vector<std::string> signers, signers_of(envelope, auditors));
  SignedOrder out{std::move(order), std::move(signers)};
  if (out.order.origin != origin)
    return fail(ErrorCode::forbidden, "order-other-log", out.order.origin);
  if (now >= out.order.expires)
    return fail(ErrorCode::forbidden, "order-expired", out.order.expires.to_text());
  return out;
}

Result<flow::Envelope> sign_order(flow::Envelope envelope, const crypto::SigningKey& auditor) {
  HANGU_TRY(const flow::Envelope one,
            flow::Envelope::sign(envelope.payload_type, envelope.payload, auditor));
  const flow::EnvelopeSignature& mine = one.signatures.front();
  if (std::ranges::find(envelope.signatures, mine.key_id, &flow::EnvelopeSignature::key_id) !=
      envelope.signatures.end())
    return fail(ErrorCode::forbidden, "order-signed-twice", mine.key_id);
  envelope.signatures.push_back(mine);
  HANGU_CHECK(check_count(envelope));
  HANGU_CHECK(check_length(envelope.to_text()));
  return envelope;
}

}  // namespace hangu::audit
