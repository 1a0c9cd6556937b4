#pragma once
// The box of hangu-transform. docs/operations/sandbox.md.

#include "line/stage_shell.hpp"

namespace hangu::stages {

/// Custodian, audit and the worker; no file.
[[nodiscard]] os::Profile transform_profile(const line::StageContext& context);

}  // namespace hangu::stages
