#pragma once
// The box of hangu-approve. docs/operations/sandbox.md.

#include "line/stage_shell.hpp"

namespace hangu::stages {

/// Custodian and audit, and the connections of people on its own listener.
[[nodiscard]] os::Profile approve_profile(const line::StageContext& context);

}  // namespace hangu::stages
