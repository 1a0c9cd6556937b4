#include "policy/grant.hpp"

#include <algorithm>

#include "policy/signed_document.hpp"
#include "wire/text_set.hpp"

namespace hangu::policy {
namespace {

constexpr std::string_view kUuidForm = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

Result<PeopleFile> parse_holder(const wire::Json& json) {
  HANGU_TRY(PeopleFile holder, PeopleFile::parse(json.to_text()));
  if (holder.nodes().size() + holder.people().size() != 1)
    return fail(ErrorCode::malformed, "grant-invalid", "not of exactly one holder");
  return holder;
}

}  // namespace

bool is_entry_uuid(std::string_view text) {
  return std::ranges::equal(text, kUuidForm, [](char c, char form) {
    return form == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

Result<std::string> Grant::sign(const crypto::SigningKey& officer) const {
  HANGU_TRY(wire::Json holder_json, wire::Json::parse(holder.to_text(), kGrantBytesMax));
  const wire::Json json = wire::JsonObject{{"compartments", wire::to_array(compartments)},
                                           {"entryUUID", entry},
                                           {"holder", std::move(holder_json)},
                                           {"notAfter", not_after.to_text()}};
  HANGU_TRY(std::string text, sign_document(kGrantPayloadType, json.to_text(), officer));
  HANGU_TRY(const Grant readable, open(text, std::array{officer.verify_key()}));
  static_cast<void>(readable);  // what its readers would not take is not signed
  return text;
}

Result<Grant> Grant::open(std::string_view envelope_text,
                          std::span<const crypto::VerifyKey> officers) {
  if (envelope_text.size() > kGrantBytesMax) return fail(ErrorCode::exhausted, "grant-too-long");
  HANGU_TRY(const std::string text, open_signed(envelope_text, kGrantPayloadType, officers));
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kGrantBytesMax));
  wire::Fields f(json, "grant");
  std::set<std::string> compartments =
      wire::to_set(f.texts("compartments", flow::kCompartmentsMax, flow::kLabelTextBytesMax));
  std::string entry = f.text("entryUUID", kUuidForm.size());
  auto holder = f.accept("holder", parse_holder(f.value("holder")));
  const auto not_after = f.accept("notAfter", WallTime::parse(f.text("notAfter", 40)));
  HANGU_CHECK(f.finish());
  if (!is_entry_uuid(entry)) return fail(ErrorCode::malformed, "grant-invalid", "entryUUID");
  return Grant{std::move(entry), *not_after, std::move(compartments), *std::move(holder)};
}

}  // namespace hangu::policy
