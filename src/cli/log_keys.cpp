#include "cli/log_keys.hpp"

#include "audit/witness/files.hpp"
#include "base/text.hpp"
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

}  // namespace hangu::cli
