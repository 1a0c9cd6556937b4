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
  bool begun_anew =
      false;  ///< what was indexed before was of another log, or of another past of it
};

/// Takes in what `index` does not have yet. Entries are read and taken apart on other threads.
///
/// Errors: those of LogReader and SearchIndex; Corrupt "index-ahead" (the log is shorter than what
/// was indexed: it was cut or put back), "log-root-differs" (entries that the checkpoint does not
/// cover; those before stay indexed).
[[nodiscard]] Result<Updated> update_index(SearchIndex& index, const LogReader& reader,
                                           const Progress& progress = {});

}  // namespace hangu::audit::search
