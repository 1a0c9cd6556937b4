#pragma once
// The SM3 chain over all entries, each epoch's part of it by itself: from the value that the end
// before tells to the one that its own end tells. docs/protocols/audit-log.md §6.

#include <vector>

#include "audit/verifier/epochs.hpp"
#include "audit/verifier/log_files.hpp"

namespace hangu_verify {

/// Remarks the epochs whose chain does not come out as told, and counts all. The entries are read
/// once more, of a log of `size`; they were hashed into the root before.
void check_chains(const LogFiles& files, std::uint64_t size, const Epochs& epochs, unsigned threads,
                  Report& report);

}  // namespace hangu_verify
