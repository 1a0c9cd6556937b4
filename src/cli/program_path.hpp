#pragma once
// Where the running program lies: the other programs of Hangu lie beside it.

#include <string>

#include "base/result.hpp"

namespace hangu::cli {

/// Errors: Internal "program-folder-unknown".
[[nodiscard]] Result<std::string> program_folder();

}  // namespace hangu::cli
