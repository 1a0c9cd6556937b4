#pragma once
// Builder: brings an index up to a log's signed checkpoint. It hashes every entry that it takes,
// and commits nothing whose root the log's checkpoint does not bear out: what an index was made of
// was what the log signed.

#include <functional>

#include "audit/search/index.hpp"

namespace hangu::audit::search {

/// Sees how far the work is.
using Progress = std::function<void(std::uint64_t done, std::uint64_t size)>;

/// What an update found and did.
struct Updated {
  Mark mark;
  std::uint64_t added = 0;
  bool begun_anew = false;  ///< what was indexed before was of a log of another origin
};

/// Takes in what `index` does not have yet. Entries are read and taken apart on other threads.
///
/// Errors: those of LogReader and SearchIndex; Corrupt "index-ahead" (the log is shorter than what
/// was indexed: it was cut or put back), "index-other-past" (a log of the same origin whose past is
/// not the one that was indexed: one of the two was forged), "log-root-differs" (entries that the
/// checkpoint does not cover; those before stay indexed). After an error the index is as it was, or
/// holds a part that was proved.
[[nodiscard]] Result<Updated> update_index(SearchIndex& index, const LogReader& reader,
                                           const Progress& progress = {});

}  // namespace hangu::audit::search
