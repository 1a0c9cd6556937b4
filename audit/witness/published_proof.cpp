#include "audit/witness/published_tree.hpp"

#include <algorithm>

namespace hangu::audit {
namespace {

/// Replaces each pair by its parent until one is left; the count is a power of two.
Hash fold(std::vector<Hash> hashes) {
  for (std::size_t n = hashes.size(); n > 1; n /= 2) {
    for (std::size_t i = 0; i < n / 2; ++i) hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  }
  return hashes.front();
}

std::unexpected<Error> invalid(const Tile& tile, const char* why) {
  return fail(ErrorCode::corrupt, "audit-tile-invalid", tile.path() + ": " + why);
}

}  // namespace

Result<const Bytes*> PublishedTree::tile(unsigned level, std::uint64_t number) const {
  const std::uint64_t hashes = hashes_at(size_, level);
  const std::uint64_t first = number * kTileWidth;
  HANGU_ASSERT(first < hashes);
  const auto width = static_cast<std::size_t>(std::min<std::uint64_t>(hashes - first, kTileWidth));
  const Tile wanted{.level = level, .number = number, .width = width};
  const auto found = std::ranges::find(kept_, wanted, &Kept::tile);
  if (found != kept_.end()) return &found->bytes;
  Result<Bytes> bytes = root_.read(wanted.path(), kTileBytes);
  if (!bytes && width < kTileWidth) {
    bytes = root_.read(Tile{.level = level, .number = number}.path(), kTileBytes);
  }
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < width * sizeof(Hash)) return invalid(wanted, "length");
  kept_.push_front({wanted, *std::move(bytes)});
  if (kept_.size() > kTilesKeptMax) kept_.pop_back();
  return &kept_.front().bytes;
}

Result<Hash> PublishedTree::node(unsigned height, std::uint64_t index) const {
  const unsigned level = height / kTileHeight;
  const unsigned inside = height % kTileHeight;
  const std::uint64_t first = index << inside;
  const std::size_t count = std::size_t{1} << inside;
  if (first + count > hashes_at(size_, level)) return fail(ErrorCode::malformed, "proof-range");
  HANGU_TRY(const Bytes* bytes, tile(level, first / kTileWidth));
  const auto offset = static_cast<std::size_t>(first % kTileWidth);
  std::vector<Hash> hashes(count);
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView one = ByteView(*bytes).subspan((offset + i) * sizeof(Hash), sizeof(Hash));
    std::ranges::copy(one, hashes[i].begin());
  }
  return fold(std::move(hashes));
}

Result<std::vector<Hash>> published_consistency(const Folder& root, std::uint64_t first,
                                                const TreeHead& second) {
  const PublishedTree tree(root, second.size);
  HANGU_TRY(std::vector<Hash> path, consistency_path(tree, first, second.size));
  HANGU_TRY(const Hash first_root, root_of(tree, first));
  if (!verify_consistency({.size = first, .root = first_root}, second, path)) {
    return fail(ErrorCode::corrupt, "audit-tiles-corrupt",
                "they do not lead to the root of size " + std::to_string(second.size));
  }
  return path;
}

Result<bool> is_start_of(const Folder& root, const TreeHead& first, const TreeHead& second) {
  if (first.size > second.size) return false;
  if (first.size == 0) return true;
  HANGU_TRY(const std::vector<Hash> path, published_consistency(root, first.size, second));
  return verify_consistency(first, second, path).has_value();
}

}  // namespace hangu::audit
