#pragma once
// The log's own keys as a log tells them whose entries are not all read.

#include <vector>

#include "audit/verifier/head.hpp"
#include "audit/verifier/key_history.hpp"

namespace hangu_verify {

/// Every roll-over up to the log's head: of the entries before the kept checkpoints of closed
/// epochs, each proven to be of the tree and signed by the key that goes. None when they do not
/// follow each other. Reads a bundle for each epoch.
[[nodiscard]] std::vector<KeyRoll> read_rolls(const LogFiles& files, const Checkpoint& head);
/// A folder, or a copy of the same log.
struct TiledFolder {
  const LogFiles& files;
  const Head& head;
};
/// The keys of the log in these, by read_rolls() of the one that tells most of the given key. They
/// are read only where a head, what stands beside it, a pin or one of `more` bears another line of
/// the log's name and none by the given key.
[[nodiscard]] KeyHistory keys_by_tiles(const Request& request,
                                       const std::vector<TiledFolder>& folders,
                                       const std::vector<Note>& more = {});

}  // namespace hangu_verify
