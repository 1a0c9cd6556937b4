#include "audit/reading/published_tiles.hpp"

#include <algorithm>

namespace hangu::audit {

Result<Bytes> read_tile_file(const Folder& root, const Tile& tile, std::size_t bytes_max) {
  auto bytes = root.read(tile.path(), bytes_max);
  if (bytes || tile.width == kTileWidth || bytes.error().reason() != "file-missing") return bytes;
  const Tile full{.level = tile.level, .number = tile.number};
  return root.read(full.path(), bytes_max);
}

Result<ByteView> PublishedTiles::read(unsigned level, std::uint64_t number) const {
  const auto found = std::ranges::find_if(
      kept_, [&](const Kept& kept) { return kept.level == level && kept.number == number; });
  if (found != kept_.end()) {
    std::rotate(kept_.begin(), found, found + 1);
    return ByteView(kept_.front().bytes);
  }
  const std::uint64_t there = hashes_at(size_, level);
  const std::uint64_t full = there / kTileWidth;
  HANGU_ASSERT(number < full || (number == full && there % kTileWidth != 0));
  const Tile tile{.level = level,
                  .number = number,
                  .width = number < full ? kTileWidth : static_cast<std::size_t>(there % 256)};
  auto bytes = read_tile_file(*root_, tile, kTileBytes);
  if (!bytes && bytes.error().reason() == "file-missing")
    return fail(ErrorCode::corrupt, "log-tile-missing", tile.path());
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < tile.width * sizeof(Hash))
    return fail(ErrorCode::corrupt, "log-tile-invalid", tile.path());
  kept_.push_front({level, number, *std::move(bytes)});
  if (kept_.size() > kTilesKeptMax) kept_.pop_back();
  return ByteView(kept_.front().bytes);
}

Result<std::vector<Hash>> PublishedTiles::hashes(unsigned level, std::uint64_t first,
                                                 std::size_t count) const {
  HANGU_ASSERT(count > 0 && first % kTileWidth + count <= kTileWidth &&
               first + count <= hashes_at(size_, level));
  HANGU_TRY(const ByteView bytes, read(level, first / kTileWidth));
  std::vector<Hash> out(count);
  const std::size_t start = static_cast<std::size_t>(first % kTileWidth) * sizeof(Hash);
  for (std::size_t i = 0; i < count; ++i)
    std::ranges::copy(bytes.subspan(start + i * sizeof(Hash), sizeof(Hash)), out[i].begin());
  return out;
}

Result<Hash> PublishedTiles::node(unsigned height, std::uint64_t index) const {
  const unsigned level = height / kTileHeight;
  const unsigned inside = height % kTileHeight;
  HANGU_TRY(std::vector<Hash> row, hashes(level, index << inside, std::size_t{1} << inside));
  for (std::size_t n = row.size(); n > 1; n /= 2)
    for (std::size_t i = 0; i < n / 2; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
  return row.front();
}

}  // namespace hangu::audit
