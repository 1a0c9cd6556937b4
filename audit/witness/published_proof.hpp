#pragma once
// Proofs from the hash tiles of a published log, as anyone who may read the folder makes them.

#include <vector>

#include "audit/folder.hpp"
#include "audit/merkle.hpp"

namespace hangu::audit {

/// The proof that the tree of `first` is the start of that of `second` (a checkpoint's), checked
/// against both: a proof that is given out here can fail at a witness for one reason only, that
/// it saw another tree of `first`.
/// Errors: Malformed "proof-range"; Corrupt "audit-tiles-corrupt" (the tiles do not lead to the
/// root of `second`), "log-tile-missing", "log-tile-invalid"; of files.
[[nodiscard]] Result<std::vector<Hash>> published_consistency(const Folder& root,
                                                              std::uint64_t first,
                                                              const TreeHead& second);

/// Whether `first` is a head of the log that `second` is of. Errors: as above.
[[nodiscard]] Result<bool> is_start_of(const Folder& root, const TreeHead& first,
                                       const TreeHead& second);

}  // namespace hangu::audit
