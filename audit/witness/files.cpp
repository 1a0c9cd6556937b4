#include "audit/witness/files.hpp"

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

Result<NoteKey> load_vkey(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, kVkeyFileBytesMax));
  std::string_view vkey = text_of(bytes);
  while (vkey.ends_with('\n')) vkey.remove_suffix(1);
  return NoteKey::parse(vkey);
}

}  // namespace hangu::audit
