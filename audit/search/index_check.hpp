#pragma once
// Checks a whole index against the log it was made of, entry for entry: what a rebuilt one would
// differ in, without building it.

#include "audit/search/verified.hpp"

namespace hangu::audit::search {

/// Compares every entry that the index goes over with what it keeps of it, and the full-text index
/// with the words. Entries are proved to the checkpoint. `Fault::hidden` is an entry that lacks a
/// row or a value, `added` one that has a value too many, `changed` another leaf hash, time or
/// `transfer.stated`.
///
/// Errors: those of LogReader and SearchIndex; Corrupt "index-corrupt" (tables that contradict each
/// other), "index-ahead"; Unavailable "log-pruned" (the index goes back further than the log).
[[nodiscard]] Result<Comparison> check_index(SearchIndex& index, const LogReader& reader,
                                             const Progress& progress = {});

}  // namespace hangu::audit::search
