#pragma once
// Earlier checkpoints held against a log by its hash tiles, without its entries.

#include "audit/verifier/head.hpp"
#include "audit/verifier/key_history.hpp"
#include "audit/verifier/quorum.hpp"
#include "audit/verifier/tile_tree.hpp"

namespace hangu_verify {

/// A log whose entries are not all read. `place` goes before its paths in remarks.
struct TiledLog {
  const Checkpoint& head;
  TileTree& tiles;
  std::string place{};
};

/// Whether the log begins with what `earlier` signs. Else `ahead` is remarked as truncated when it
/// is of more entries, `other` as tampered when it is of other ones; or a tile that cannot be read,
/// or that the tiles do not make the log's root.
bool check_prefix(const Checkpoint& earlier, const TiledLog& log, const Remark& ahead,
                  const Remark& other, Report& report);

/// All that stands beside a log's head or was kept elsewhere: whose it is and by whom signed, the
/// witnesses' lines, and that kWitnessed and each pin is its beginning.
void check_beside(const Request& request, const Head& head, const TiledLog& log,
                  const KeyHistory& keys, Quorum& quorum, Report& report);
/// kWitnessed alone.
void check_witnessed(const Note& note, const TiledLog& log, Report& report);
/// A pin alone.
bool check_pin(const Checkpoint& pin, const TiledLog& log, Report& report);

}  // namespace hangu_verify
