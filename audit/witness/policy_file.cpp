#include "audit/witness/policy_file.hpp"

#include "audit/witness/limits.hpp"
#include "base/text.hpp"
#include "os/file.hpp"

namespace hangu::audit {

Result<WitnessPolicy> load_witness_policy(const std::string& path) {
  HANGU_TRY(const Bytes text, os::read_file(path, kWitnessPolicyBytesMax));
  Result<WitnessPolicy> policy = WitnessPolicy::parse(text_of(text));
  if (!policy) return std::unexpected(policy.error().within(printable(path)));
  return policy;
}

}  // namespace hangu::audit
