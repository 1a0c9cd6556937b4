#pragma once
// The box of hangu-verify. docs/operations/sandbox.md.

#include "line/stage_shell.hpp"

namespace hangu::stages {

/// Custodian and audit, and the anchors to read: the officers sign the node register anew.
[[nodiscard]] os::Profile verify_profile(const line::StageContext& context);

}  // namespace hangu::stages
