#include "audit/tile_shelf.hpp"

#include <algorithm>

namespace hangu::audit {

Result<ByteView> TileShelf::read(const Tile& tile) {
  HANGU_ASSERT(tile.width == kTileWidth);
  const auto found = std::ranges::find(kept_, tile, &Kept::tile);
  if (found != kept_.end()) {
    std::rotate(kept_.begin(), found, found + 1);
    return ByteView(kept_.front().bytes);
  }
  HANGU_TRY(Bytes bytes, root_->read(tile.path(), tile.level ? kTileBytes : kBundleBytesMax));
  bytes_ += bytes.size();
  kept_.push_front({tile, std::move(bytes)});
  while (kept_.size() > 1 && (bytes_ > kShelfBytesMax || kept_.size() > kShelfTilesMax)) {
    bytes_ -= kept_.back().bytes.size();
    kept_.pop_back();
  }
  return ByteView(kept_.front().bytes);
}

}  // namespace hangu::audit
