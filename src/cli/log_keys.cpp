#include "cli/log_keys.hpp"

#include "audit/witness/files.hpp"
#include "base/text.hpp"
#include "cli/draft_file.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {
namespace {

/// Those of the file that have this name.
Result<std::vector<audit::NoteKey>> keys_of(const std::string& path, std::string_view name) {
  HANGU_TRY(std::vector<audit::NoteKey> keys, audit::load_vkeys(path));
  std::erase_if(keys, [&](const audit::NoteKey& key) { return key.name() != name; });
  return keys;
}

}  // namespace

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
  const std::string name = keys.front().name();
  HANGU_TRY(const auto more,
            former.empty() ? former_keys_beside(vkey_or_path, name) : keys_of(former, name));
  keys.insert(keys.end(), more.begin(), more.end());
  return keys;
}

Result<std::vector<audit::NoteKey>> former_keys_beside(const std::string& file,
                                                       std::string_view name) {
  const std::string path = parent_folder(file) + "/log-former.vkey";
  if (!path_exists(file) || !path_exists(path)) return std::vector<audit::NoteKey>();
  return keys_of(path, name);
}

OptionSpec former_keys_option() {
  return {
      "--former-keys", "FILE",
      both("日志更换密钥前的公钥,每行一个;默认为 --key 文件旁的 log-former.vkey",
           "keys that the log's own has replaced, one a line; by default log-former.vkey beside "
           "the file of --key")};
}

}  // namespace hangu::cli
