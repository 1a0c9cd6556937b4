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

Result<std::vector<NoteKey>> load_vkeys(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, kFormerKeysMax * kVkeyFileBytesMax));
  std::vector<NoteKey> keys;
  for (const std::string_view line : split(text_of(bytes), '\n')) {
    if (line.empty()) continue;
    if (keys.size() == kFormerKeysMax) return fail(ErrorCode::exhausted, "vkeys-too-many", path);
    auto key = NoteKey::parse(line);
    if (!key) return std::unexpected(key.error().within(path));
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace hangu::audit
