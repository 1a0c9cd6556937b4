#include "audit/verifier/dsse.hpp"

#include <nlohmann/json.hpp>

#include "audit/verifier/facts.hpp"
#include "audit/verifier/tree.hpp"

namespace hangu_verify {

std::string Envelope::signed_text() const {
  return "DSSEv1 " + std::to_string(type.size()) + " " + type + " " +
         std::to_string(payload.size()) + " " + payload;
}

std::optional<Envelope> read_envelope(std::string_view text) {
  const nlohmann::json whole = parse_entry(text);
  Envelope out;
  const auto is_text = [](const nlohmann::json& object, const char* name) {
    return object.is_object() && object.contains(name) && object[name].is_string();
  };
  if (!is_text(whole, "payload") || !is_text(whole, "payloadType") ||
      !from_base64(text_in(whole, "payload"), out.payload) || !whole.contains("signatures") ||
      !whole["signatures"].is_array())
    return std::nullopt;
  out.type = text_in(whole, "payloadType");
  for (const nlohmann::json& one : whole["signatures"]) {
    std::string signature;
    if (!is_text(one, "sig") || !from_base64(text_in(one, "sig"), signature) ||
        out.signatures.size() == kSignaturesMax)
      return std::nullopt;
    out.signatures.push_back(std::move(signature));
  }
  return out.signatures.empty() ? std::nullopt : std::optional(std::move(out));
}

}  // namespace hangu_verify
