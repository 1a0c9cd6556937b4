#pragma once
// The check of what a log gained since a checkpoint that somebody kept.

#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// Request::pins holds the one pin. The entries before it are not read but for those of its bundle
/// and as far back as the last end of an epoch; the tiles must lead to the pin's root.
[[nodiscard]] Report check_since_pin(const Request& request);

}  // namespace hangu_verify
