#pragma once
// hangu witness return.

#include "cli/command.hpp"

namespace hangu::cli {

[[nodiscard]] CommandSpec witness_return_command();

}  // namespace hangu::cli
