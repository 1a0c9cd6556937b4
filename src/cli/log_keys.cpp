#include "cli/log_keys.hpp"

#include "base/text.hpp"
#include "cli/identity.hpp"

namespace hangu::cli {
namespace {

constexpr std::size_t kVkeyBytesMax = 4096;

}  // namespace

Result<audit::NoteKey> load_note_key(std::string_view option, const std::string& vkey_or_path) {
  std::string vkey = vkey_or_path;
  if (path_exists(vkey_or_path)) {
    HANGU_TRY(vkey, read_text(vkey_or_path, kVkeyBytesMax));
    while (vkey.ends_with('\n')) vkey.pop_back();
  } else if (!vkey.contains('+')) {  // no vkey: they meant a file
    return fail(ErrorCode::unavailable, "file-missing",
                std::string(option) + ": " + printable(vkey));
  }
  auto key = audit::NoteKey::parse(vkey);
  if (!key) return std::unexpected(key.error().within(option));
  return key;
}

}  // namespace hangu::cli
