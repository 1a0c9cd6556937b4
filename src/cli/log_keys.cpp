#include "cli/log_keys.hpp"

#include "audit/witness/files.hpp"
#include "base/text.hpp"
#include "cli/draft_file.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {
Result<audit::NoteKey> load_note_key(std::string_view option, const std::string& vkey_or_path) {
  if (path_exists(vkey_or_path)) return audit::load_vkey(vkey_or_path);
  if (!vkey_or_path.contains('+')) {  // no vkey: they meant a file
    return fail(ErrorCode::unavailable, "file-missing",
                std::string(option) + ": " + printable(vkey_or_path));
  }
  auto key = audit::NoteKey::parse(vkey_or_path);
  if (!key) return std::unexpected(key.error().within(option));
  return key;
}

Result<std::vector<audit::NoteKey>> load_log_keys(std::string_view option,
                                                  const std::string& vkey_or_path,
                                                  const std::string& former) {
  HANGU_TRY(audit::NoteKey present, load_note_key(option, vkey_or_path));
  std::vector<audit::NoteKey> keys{std::move(present)};
  const std::string beside = parent_folder(vkey_or_path) + "/log-former.vkey";
  const bool found = path_exists(vkey_or_path) && path_exists(beside);
  if (former.empty() && !found) return keys;
  HANGU_TRY(const auto more, audit::load_vkeys(former.empty() ? beside : former));
  for (const audit::NoteKey& key : more)
    if (key.name() == keys.front().name()) keys.push_back(key);
  return keys;
}

OptionSpec former_keys_option() {
  return {
      "--former-keys", "FILE",
      both("日志更换密钥前的公钥,每行一个;默认为 --key 文件旁的 log-former.vkey",
           "keys that the log's own has replaced, one a line; by default log-former.vkey beside "
           "the file of --key")};
}

}  // namespace hangu::cli
