#include "audit/log_keys.hpp"

#include "audit/epochs.hpp"

namespace hangu::audit {

wire::Json LogKeysTold::gm_json() const { return gm_vkey ? wire::Json(*gm_vkey) : wire::Json(); }

LogKeysTold LogKeysTold::read(wire::Fields& fields, const char* vkey, const char* gm_vkey) {
  LogKeysTold out{.vkey = fields.text(vkey, kVkeyBytesMax), .gm_vkey = {}};
  if (!fields.value(gm_vkey).is_null()) out.gm_vkey = fields.text(gm_vkey, kVkeyBytesMax);
  return out;
}

wire::Json KeyRollover::to_json() const {
  return wire::JsonObject{{"vkey", former.vkey},
                          {"gmVkey", former.gm_json()},
                          {"nextVkey", next.vkey},
                          {"nextGmVkey", next.gm_json()}};
}

Result<KeyRollover> KeyRollover::parse(const wire::Json& json) {
  wire::Fields f(json, "logKeys");
  KeyRollover out{.former = LogKeysTold::read(f, "vkey", "gmVkey"),
                  .next = LogKeysTold::read(f, "nextVkey", "nextGmVkey")};
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
