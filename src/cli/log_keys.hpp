#pragma once
// Log keys: vkeys as the command line takes them, by themselves or in a file.

#include <string>
#include <vector>

#include "audit/note.hpp"

namespace hangu::cli {

/// A vkey ("<name>+<id>+<key>") or a file that holds one. Errors: Malformed "vkey-invalid";
/// Unavailable "file-missing", naming `option`.
[[nodiscard]] Result<audit::NoteKey> load_note_key(std::string_view option,
                                                   const std::string& vkey_or_path);

/// The same, and behind it those before it: log-former.vkey beside a file, where there is one.
[[nodiscard]] Result<std::vector<audit::NoteKey>> load_log_keys(std::string_view option,
                                                                const std::string& vkey_or_path);

}  // namespace hangu::cli
