#include "cli/log_trust.hpp"

#include "base/text.hpp"
#include "cli/command.hpp"
#include "cli/log_keys.hpp"

namespace hangu::cli {

Result<flow::WarrantTrust> load_trust(const std::string& stages_path,
                                      const std::string& log_origin) {
  Result<config::StageKeys> keys = config::load_stage_keys(stages_path);
  // What cannot be read says so itself; what can is not the file that is wanted.
  const auto invalid = [&](const std::string& why) {
    return fail(ErrorCode::malformed, "trust-file-invalid", "--trust: " + why);
  };
  if (!keys && keys.error().code() == ErrorCode::malformed) return invalid(keys.error().message());
  if (!keys) return std::unexpected(keys.error());
  const auto log = keys->find("audit");
  if (log == keys->end()) return invalid(printable(stages_path) + ": no audit key");
  flow::LogIdentity identity{log_origin, log->second};
  return flow::WarrantTrust{std::move(identity), *std::move(keys)};
}

Result<std::vector<flow::WarrantTrust>> load_trusts(const std::string& stages_path,
                                                    const std::string& log_origin) {
  HANGU_TRY(const flow::WarrantTrust present, load_trust(stages_path, log_origin));
  std::vector<flow::WarrantTrust> trusts{present};
  HANGU_TRY(const auto former, former_keys_beside(stages_path, log_origin));
  for (const audit::NoteKey& key : former)
    trusts.push_back({{log_origin, key.key()}, present.stage_keys});
  return trusts;
}

Result<flow::LogIdentity> load_log_key(std::string_view option, const std::string& vkey_or_path) {
  HANGU_TRY(const audit::NoteKey key, load_note_key(option, vkey_or_path));
  return flow::LogIdentity{key.name(), key.key()};
}

}  // namespace hangu::cli
