#pragma once
// Log trust: which audit log a person believes, and the keys of the stages.

#include <optional>
#include <string>
#include <vector>

#include "config/trust.hpp"
#include "flow/warrant.hpp"

namespace hangu::cli {

/// From anchors/stages.json of a gateway and the log's origin ("<gateway>/audit").
/// Errors: Malformed "usage-value" (no "audit" key in it), those of load_stage_keys.
[[nodiscard]] Result<flow::WarrantTrust> load_trust(const std::string& stages_path,
                                                    const std::string& log_origin);
/// The same, and behind it one for each key of the log before: log-former.vkey beside the file,
/// where there is one. What was sealed under such a key is judged by it.
[[nodiscard]] Result<std::vector<flow::WarrantTrust>> load_trusts(const std::string& stages_path,
                                                                  const std::string& log_origin);
/// From a vkey ("<origin>+<id>+<key>") or a file that holds one.
/// Errors: those of load_note_key, naming `option`.
[[nodiscard]] Result<flow::LogIdentity> load_log_key(std::string_view option,
                                                     const std::string& vkey_or_path);

}  // namespace hangu::cli
