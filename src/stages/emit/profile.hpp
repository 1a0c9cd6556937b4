#pragma once
// The box of hangu-emit. docs/operations/sandbox.md.

#include "line/stage_shell.hpp"
#include "stages/emit/outbox.hpp"

namespace hangu::stages {

/// Custodian and audit, and the outboxes, of which it alone is the writer.
[[nodiscard]] os::Profile emit_profile(const line::StageContext& context,
                                       const std::map<ZoneId, Outbox>& outboxes);

}  // namespace hangu::stages
