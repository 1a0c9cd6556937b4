#pragma once
// The box of hangu-decide. docs/operations/sandbox.md.

#include "line/stage_shell.hpp"

namespace hangu::stages {

/// Custodian, audit and mosaic ledger, and the signed documents of the policy folder, which it
/// reads anew for every evaluation; hangu-directory's socket where a directory is configured.
[[nodiscard]] os::Profile decide_profile(const line::StageContext& context, bool asks_directory);

}  // namespace hangu::stages
