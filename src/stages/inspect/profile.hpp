#pragma once
// The box of hangu-inspect. docs/operations/sandbox.md.

#include "line/stage_shell.hpp"

namespace hangu::stages {

/// The socket on which inspect asks for workers.
[[nodiscard]] std::string inspect_worker_socket(const line::StageContext& context);

/// Custodian, audit and the worker; no file.
[[nodiscard]] os::Profile inspect_profile(const line::StageContext& context);

}  // namespace hangu::stages
