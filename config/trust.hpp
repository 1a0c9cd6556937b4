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

/// The origin line of the gateway's log, "<gateway>/audit".
[[nodiscard]] std::string log_origin_of(std::string_view gateway);
/// The gateway whose log has this origin.
[[nodiscard]] std::string gateway_of(std::string_view log_origin);
/// The origin that the log's verifier key (Layout::log_key) names: what stands before its first
/// "+" (C2SP signed-note). Errors: Malformed "trust-incomplete"; those of os::read_file.
[[nodiscard]] Result<std::string> load_log_origin(const std::string& path);

}  // namespace hangu::config
