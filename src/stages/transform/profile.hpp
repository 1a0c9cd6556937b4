#pragma once
// The box of hangu-transform. docs/operations/sandbox.md.

#include "line/stage_shell.hpp"

namespace hangu::stages {

/// The socket on which transform asks for workers.
[[nodiscard]] std::string transform_worker_socket(const line::StageContext& context);

/// Custodian, audit and the worker; no file.
[[nodiscard]] os::Profile transform_profile(const line::StageContext& context);

}  // namespace hangu::stages
