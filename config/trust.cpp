#include "config/trust.hpp"

#include "config/gateway.hpp"
#include "os/file.hpp"
#include "wire/json.hpp"

namespace hangu::config {

std::string stage_keys_to_text(const StageKeys& keys) {
  wire::JsonObject out;
  for (const auto& [program, key] : keys)
    out.emplace_back(program, wire::JsonObject{{"algorithm", crypto::to_text(key.algorithm())},
                                               {"key", to_base64(key.point())}});
  return wire::Json(std::move(out)).to_text();
}

Result<StageKeys> parse_stage_keys(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kConfigBytesMax));
  const wire::JsonObject* members = json.as_object();
  if (members == nullptr) return fail(ErrorCode::malformed, "field-type", "stage keys");
  StageKeys out;
  for (const auto& [program, value] : *members) {
    wire::Fields f(value, "stage key");
    const auto algorithm =
        f.accept("algorithm", crypto::parse_signature_algorithm(f.text("algorithm", 20)));
    const auto point = f.accept("key", from_base64(f.text("key", 200)));
    HANGU_CHECK(f.finish());
    HANGU_CHECK(check_id(IdForm::name, program));
    HANGU_TRY(crypto::VerifyKey key, crypto::VerifyKey::create(*algorithm, *point));
    out.emplace(program, std::move(key));
  }
  return out;
}

Result<StageKeys> load_stage_keys(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, kConfigBytesMax));
  Result<StageKeys> keys = parse_stage_keys(text_of(bytes));
  if (!keys) return std::unexpected(keys.error().within(path));
  return keys;
}

}  // namespace hangu::config
