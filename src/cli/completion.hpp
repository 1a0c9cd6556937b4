#pragma once
// Completion scripts and the man page, generated from the tree of commands.

#include <span>
#include <string>

#include "cli/command.hpp"

namespace hangu::cli {

/// The script for "bash", "zsh" or "fish". Errors: "usage-value".
[[nodiscard]] Result<std::string> completion_script(std::span<const CommandSpec> commands,
                                                    std::string_view shell, Language language);
/// hangu(1) in roff (man macros).
[[nodiscard]] std::string man_page(std::span<const CommandSpec> commands, Language language);

/// Calls `visit` for every command with its words ("hangu pki init"), parents first.
void for_each_command(std::span<const CommandSpec> commands,
                      const std::function<void(const std::string&, const CommandSpec&)>& visit);

}  // namespace hangu::cli
