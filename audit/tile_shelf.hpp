#pragma once
// TileShelf: the full tiles and bundles of a log that were asked for lately. A transfer's proofs
// and entries lie in the same few, and full ones never change.

#include <deque>

#include "audit/folder.hpp"
#include "audit/tile.hpp"

namespace hangu::audit {

inline constexpr std::size_t kShelfBytesMax = std::size_t{8} << 20;  ///< but for the newest alone
inline constexpr std::size_t kShelfTilesMax = 64;

/// What it gives is nobody's word until it leads to a root: the file may have been changed, before
/// or since. Thread: one.
class TileShelf {
 public:
  /// `root` must outlive it.
  explicit TileShelf(const Folder& root) : root_(&root) {}

  /// The bytes of a full tile or bundle; they stay until the next call. Errors: those of the file.
  [[nodiscard]] Result<ByteView> read(const Tile& tile);

 private:
  struct Kept {
    Tile tile;
    Bytes bytes;
  };
  const Folder* root_;
  std::deque<Kept> kept_;  ///< the newest in front
  std::size_t bytes_ = 0;
};

}  // namespace hangu::audit
