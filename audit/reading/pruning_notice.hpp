#pragma once
// Pruning notice: the entry `log.pruned` that says why the oldest entries of a log are not there.
// docs/protocols/audit-log.md §11.

#include "audit/reading/facts.hpp"

namespace hangu::audit {

/// Whether `facts` are of a notice that covers all entries below `first`.
[[nodiscard]] bool covers_pruning(const EntryFacts& facts, std::uint64_t first);

/// The newest notice among the first `size` entries that covers all entries below `first`, proved.
/// Looks from the newest bundle back, hashing each; only the one that holds it is led to the root.
/// Bounds: first <= reader.size() and size <= reader.size(); `first` must not be 0.
/// Errors: Corrupt "log-bundle-missing" (nothing tells of it: the entries were taken away); those
/// of reading.
[[nodiscard]] Result<std::uint64_t> find_pruning_notice(const LogReader& reader,
                                                        std::uint64_t first, std::uint64_t size);

/// That whatever is missing of the log was pruned. The same errors.
[[nodiscard]] Done check_pruning(const LogReader& reader);

}  // namespace hangu::audit
