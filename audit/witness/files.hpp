#pragma once
// The files that a witness policy and a vkey are read from, by whoever needs one.

#include <string>
#include <vector>

#include "audit/note.hpp"
#include "audit/witness/policy.hpp"

namespace hangu::audit {

/// Errors: those of os::read_file; of WitnessPolicy::parse, naming the file.
[[nodiscard]] Result<WitnessPolicy> load_witness_policy(const std::string& path);

/// A file of one vkey; newlines behind it are no part of it. Errors: those of os::read_file;
/// Malformed "vkey-invalid".
[[nodiscard]] Result<NoteKey> load_vkey(const std::string& path);
/// A file of vkeys, one a line, at most kFormerKeysMax. Errors: as load_vkey(); Exhausted
/// "vkeys-too-many".
[[nodiscard]] Result<std::vector<NoteKey>> load_vkeys(const std::string& path);

}  // namespace hangu::audit
