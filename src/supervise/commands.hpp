#pragma once
// `hangu up`, `down`, `ps`, `publish` and `roll-keys`: a whole gateway on a workstation.
// docs/operations/workstation.md.

#include <vector>

#include "cli/run.hpp"

namespace hangu::supervise {

[[nodiscard]] std::vector<cli::ExtraCommand> workstation_commands();

}  // namespace hangu::supervise
