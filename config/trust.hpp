#pragma once
// What the middle trusts, set up once per gateway: each stage program's public key and the audit
// log's key (anchors/stages.json).

#include <map>
#include <string>

#include "crypto/signature.hpp"

namespace hangu::config {

/// Public keys by program name ("verify", …); "audit" is the log's.
using StageKeys = std::map<std::string, crypto::VerifyKey, std::less<>>;

/// Canonical JSON {"<program>":{"algorithm":"ed25519","key":"<base64>"},…}.
[[nodiscard]] std::string stage_keys_to_text(const StageKeys& keys);
/// Errors: Malformed "field-…", "key-invalid".
[[nodiscard]] Result<StageKeys> parse_stage_keys(std::string_view text);
[[nodiscard]] Result<StageKeys> load_stage_keys(const std::string& path);

}  // namespace hangu::config
