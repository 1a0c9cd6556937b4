#pragma once
// Log keys: vkeys as the command line takes them, by themselves or in a file.

#include <string>
#include <vector>

#include "audit/note.hpp"
#include "cli/command.hpp"

namespace hangu::cli {

/// A vkey ("<name>+<id>+<key>") or a file that holds one. Errors: Malformed "vkey-invalid";
/// Unavailable "file-missing", naming `option`.
[[nodiscard]] Result<audit::NoteKey> load_note_key(std::string_view option,
                                                   const std::string& vkey_or_path);

/// The same, and behind it those before it of the same name: of the file `former`, or where that is
/// empty of log-former.vkey beside a file, if there is one. Errors: also those of load_vkeys.
[[nodiscard]] Result<std::vector<audit::NoteKey>> load_log_keys(std::string_view option,
                                                                const std::string& vkey_or_path,
                                                                const std::string& former = {});
/// Keys before the present one of the log `name`: of log-former.vkey beside `file`, if both are
/// there. Errors: those of load_vkeys.
[[nodiscard]] Result<std::vector<audit::NoteKey>> former_keys_beside(const std::string& file,
                                                                     std::string_view name);
[[nodiscard]] OptionSpec former_keys_option();

}  // namespace hangu::cli
