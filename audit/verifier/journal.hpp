#pragma once
// The writer's journal, where a folder has one: what was acknowledged and perhaps not published
// yet. docs/protocols/audit-log.md §5.

#include <functional>
#include <optional>

#include "audit/verifier/bundles.hpp"
#include "audit/verifier/key_history.hpp"

namespace hangu_verify {

/// First entries of the folder's segments, ascending; names that are none are remarked.
[[nodiscard]] std::vector<std::uint64_t> journal_segments(const FileIndex& index, Report& report);

/// Walks over the segments' batches: records whole, entries in order, roots as committed, COMMITs
/// one chain, and at `head`'s size the same root. `tree_of` gives the published log's tree at the
/// first segment's beginning. Report::committed becomes what the journal ends with.
///
/// Findings: tampered for a changed batch or link, truncated when the journal ends before `head` or
/// has a gap. A torn end, which nobody was told of, is worth a look.
void check_journal(const LogFiles& files, const std::vector<std::uint64_t>& segments,
                   const Checkpoint& head, const KeyHistory& keys,
                   const std::function<const Frontier*(std::uint64_t)>& tree_of, Report& report);

}  // namespace hangu_verify
