#include "audit/log_keys.hpp"

#include "audit/epochs.hpp"

namespace hangu::audit {
namespace {

wire::Json or_null(const std::optional<std::string>& vkey) {
  return vkey ? wire::Json(*vkey) : wire::Json();
}

std::optional<std::string> text_or_null(const wire::Json& json) {
  const std::string* text = json.as_string();
  return text == nullptr ? std::nullopt : std::optional(*text);
}

}  // namespace

wire::Json KeyRollover::to_json() const {
  return wire::JsonObject{{"vkey", former.vkey},
                          {"gmVkey", or_null(former.gm_vkey)},
                          {"nextVkey", next.vkey},
                          {"nextGmVkey", or_null(next.gm_vkey)}};
}

Result<KeyRollover> KeyRollover::parse(const wire::Json& json) {
  wire::Fields f(json, "logKeys");
  KeyRollover out;
  out.former.vkey = f.text("vkey", kVkeyBytesMax);
  out.former.gm_vkey = text_or_null(f.value("gmVkey"));
  out.next.vkey = f.text("nextVkey", kVkeyBytesMax);
  out.next.gm_vkey = text_or_null(f.value("nextGmVkey"));
  HANGU_CHECK(f.finish());
  if (out.former.vkey == out.next.vkey) return fail(ErrorCode::malformed, "log-keys-same");
  return out;
}

Result<LogSigners> LogSigners::create(const std::string& origin, LogSecrets secrets) {
  HANGU_TRY(NoteSigner log, NoteSigner::create(origin, std::move(secrets.key)));
  std::shared_ptr<const NoteSigner> gm;
  if (secrets.gm_key) {
    HANGU_TRY(NoteSigner signer,
              NoteSigner::create(gm_key_name(origin), *std::move(secrets.gm_key)));
    gm = std::make_shared<const NoteSigner>(std::move(signer));
  }
  return LogSigners{.log = std::make_shared<const NoteSigner>(std::move(log)), .gm = std::move(gm)};
}

LogKeysTold LogSigners::told() const {
  return {.vkey = log->key().to_text(),
          .gm_vkey = gm ? std::optional(gm->key().to_text()) : std::nullopt};
}

}  // namespace hangu::audit
