#include "policy/posture.hpp"

#include <array>
#include <limits>

#include "base/limits.hpp"
#include "wire/json.hpp"

namespace hangu::policy {
namespace {

constexpr std::array kPostures{Posture::normal, Posture::import_only, Posture::stop};
constexpr std::size_t kNameBytesMax = 200;

}  // namespace

std::string_view to_text(Posture posture) {
  switch (posture) {
    case Posture::normal: return "normal";
    case Posture::import_only: return "import-only";
    case Posture::stop: return "stop";
  }
  return "stop";
}

Result<Posture> parse_posture(std::string_view text) {
  for (const Posture posture : kPostures)
    if (text == to_text(posture)) return posture;
  return fail(ErrorCode::malformed, "posture-unknown", "normal, import-only, stop");
}

bool lets_flow(Posture posture, const Ceiling& from, const Ceiling& to) {
  if (posture == Posture::normal) return true;
  if (posture == Posture::stop) return false;
  return to.secrecy >= from.secrecy && to.grade >= from.grade &&
         (to.secrecy > from.secrecy || to.grade > from.grade);
}

bool PostureRules::holds_all_of(const PostureRules& other) const {
  if (alarm < other.alarm) return false;
  if (!other.unwitnessed_after) return true;
  return unwitnessed_after && *unwitnessed_after <= *other.unwitnessed_after &&
         unwitnessed >= other.unwitnessed;
}

std::string PostureOrder::to_text() const {
  return wire::Json(wire::JsonObject{{"at", at.to_text()},
                                     {"gateway", gateway},
                                     {"number", number},
                                     {"posture", policy::to_text(posture)},
                                     {"reason", reason}})
      .to_text();
}

Result<PostureOrder> PostureOrder::parse(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kStatementBytesMax));
  wire::Fields f(json, "posture");
  PostureOrder out;
  const auto at = f.accept("at", WallTime::parse(f.text("at", kNameBytesMax)));
  out.gateway = f.text("gateway", kNameBytesMax);
  out.number =
      static_cast<std::uint32_t>(f.integer("number", 1, std::numeric_limits<std::uint32_t>::max()));
  const auto posture = f.accept("posture", parse_posture(f.text("posture", kNameBytesMax)));
  out.reason = f.text("reason", kPostureReasonBytesMax);
  HANGU_CHECK(f.finish());
  out.at = *at;
  out.posture = *posture;
  if (out.to_text() != text) return flow::not_canonical("posture");
  return out;
}

Result<PostureOrder> posture_order_in(const flow::Envelope& envelope) {
  if (envelope.payload_type != kPosturePayloadType)
    return fail(ErrorCode::forbidden, "document-type",
                std::string(kPosturePayloadType) + " expected");
  return PostureOrder::parse(text_of(envelope.payload));
}

Result<std::vector<SignedOrder>> read_orders(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kPostureFileBytesMax));
  const wire::JsonArray* items = json.as_array();
  if (items == nullptr || items->empty() || items->size() > kPostureOrdersMax)
    return fail(ErrorCode::malformed, "field-type", "posture orders");
  std::vector<SignedOrder> out;
  for (const wire::Json& item : *items) {
    if (item.as_string() == nullptr)
      return fail(ErrorCode::malformed, "field-type", "posture order");
    SignedOrder one;
    HANGU_TRY(one.envelope, flow::Envelope::parse(*item.as_string()));
    HANGU_TRY(one.order, posture_order_in(one.envelope));
    if (!out.empty() && one.order.number != std::uint64_t{out.back().order.number} + 1)
      return fail(ErrorCode::malformed, "posture-number", std::to_string(one.order.number));
    out.push_back(std::move(one));
  }
  return out;
}

std::string orders_text(std::span<const SignedOrder> orders) {
  wire::JsonArray items;
  for (const SignedOrder& one : orders) items.emplace_back(one.envelope.to_text());
  return wire::Json(std::move(items)).to_text();
}

Done check_posture_signatures(const flow::Envelope& order, const Signers& signers, bool loosens) {
  std::size_t officers = 0;
  std::size_t owners = 0;
  for (const Signer* signer : signers.of(order)) {
    if (signer->duty == Duty::policy_officer) ++officers;
    if (signer->duty == Duty::data_owner) ++owners;
  }
  const bool enough = loosens ? officers >= 1 && officers + owners >= 2 : officers + owners >= 1;
  if (enough) return {};
  return fail(ErrorCode::forbidden, "posture-signatures-few",
              std::to_string(officers + owners) + " of " + (loosens ? "2" : "1") + " people" +
                  (loosens && officers == 0 ? "; no policy-officer" : ""));
}

}  // namespace hangu::policy
