#include "config/trust.hpp"

#include "base/ids.hpp"
#include "os/file.hpp"
#include "wire/json.hpp"

namespace hangu::config {
namespace {

constexpr std::size_t kTrustBytesMax = 256 * 1024;
constexpr std::string_view kLogOriginEnd = "/audit";

}  // namespace

std::string stage_keys_to_text(const StageKeys& keys) {
  wire::JsonObject out;
  for (const auto& [program, key] : keys)
    out.emplace_back(program, wire::JsonObject{{"algorithm", crypto::to_text(key.algorithm())},
                                               {"key", to_base64(key.point())}});
  return wire::Json(std::move(out)).to_text();
}

Result<StageKeys> parse_stage_keys(std::string_view text) {
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kTrustBytesMax));
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
  HANGU_TRY(const Bytes bytes, os::read_file(path, kTrustBytesMax));
  Result<StageKeys> keys = parse_stage_keys(text_of(bytes));
  if (!keys) return std::unexpected(keys.error().within(path));
  return keys;
}

std::string log_origin_of(std::string_view gateway) {
  return std::string(gateway) + std::string(kLogOriginEnd);
}

std::string gateway_of(std::string_view log_origin) {
  return std::string(log_origin.substr(0, log_origin.rfind(kLogOriginEnd)));
}

Result<std::string> load_log_origin(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, kTrustBytesMax));
  const std::string_view key = text_of(bytes);
  const std::string_view origin = key.substr(0, key.find('+'));
  if (origin.size() == key.size() || !origin.ends_with(kLogOriginEnd))
    return fail(ErrorCode::malformed, "trust-incomplete", path);
  return std::string(origin);
}

}  // namespace hangu::config
