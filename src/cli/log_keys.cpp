#include "cli/log_keys.hpp"

#include "audit/witness/files.hpp"
#include "base/text.hpp"
#include "cli/identity.hpp"

namespace hangu::cli {
Result<audit::NoteKey> load_note_key(std::string_view option, const std::string& vkey_or_path) {
  if (path_exists(vkey_or_path)) return audit::load_vkey(vkey_or_path);
  if (vkey_or_path.contains('+')) return audit::NoteKey::parse(vkey_or_path);
  return fail(ErrorCode::unavailable, "file-missing",  // no vkey: they meant a file
              std::string(option) + ": " + printable(vkey_or_path));
}

}  // namespace hangu::cli
