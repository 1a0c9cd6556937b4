#include "cli/log_keys.hpp"

#include "audit/witness/files.hpp"
#include "base/text.hpp"
#include "cli/draft_file.hpp"
#include "cli/identity.hpp"

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
                                                  const std::string& vkey_or_path) {
  HANGU_TRY(audit::NoteKey present, load_note_key(option, vkey_or_path));
  std::vector<audit::NoteKey> keys{std::move(present)};
  const std::string former = parent_folder(vkey_or_path) + "/log-former.vkey";
  if (!path_exists(vkey_or_path) || !path_exists(former)) return keys;
  HANGU_TRY(const auto more, audit::load_vkeys(former));
  for (const audit::NoteKey& key : more)
    if (key.name() == keys.front().name()) keys.push_back(key);
  return keys;
}

}  // namespace hangu::cli
