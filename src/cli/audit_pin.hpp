#pragma once
// hangu audit pin: a checkpoint on media, kept by an auditor.

#include "cli/command.hpp"

namespace hangu::cli {

[[nodiscard]] CommandSpec audit_pin_command();

}  // namespace hangu::cli
