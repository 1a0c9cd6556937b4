#pragma once
// `hangu policy activate`, `rollback`, `releases` and `hangu posture set`, `show`: what is done
// with signed bundles and orders on a gateway, by who owns its folder.
// docs/operations/policy-guide.md.

#include <vector>

#include "cli/command.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

/// Children of `hangu policy`.
[[nodiscard]] std::vector<cli::CommandSpec> policy_commands();

/// Children of `hangu posture`.
[[nodiscard]] std::vector<cli::CommandSpec> posture_commands();

/// A gateway of ours, named by --folder.
struct HeldFolder {
  config::Layout layout;
  config::Gateway gateway;
};
/// Errors: Forbidden "folder-foreign"; those of Gateway::load.
[[nodiscard]] Result<HeldFolder> hold_folder(const cli::Arguments& arguments);
[[nodiscard]] cli::OptionSpec folder_option();

}  // namespace hangu::supervise
