#pragma once
// The witness policy of a gateway, as its file has it.

#include <string>

#include "audit/witness/policy.hpp"

namespace hangu::audit {

/// Errors: of reading the file; those of WitnessPolicy::parse(), with the file's name.
[[nodiscard]] Result<WitnessPolicy> load_witness_policy(const std::string& path);

}  // namespace hangu::audit
