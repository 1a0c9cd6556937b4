#include "audit/tile.hpp"

#include <algorithm>

namespace hangu::audit {
namespace {

constexpr std::size_t kLengthBytes = 2;
constexpr std::size_t kBundleEntryBytesMax = 0xffff;

/// Replaces each pair by its parent until one is left; the count is a power of two.
Hash fold(std::vector<Hash> hashes) {
  for (std::size_t n = hashes.size(); n > 1; n /= 2) {
    for (std::size_t i = 0; i < n / 2; ++i) hashes[i] = node_hash(hashes[2 * i], hashes[2 * i + 1]);
  }
  return hashes.front();
}

}  // namespace

std::string tile_number_text(std::uint64_t number) {
  const auto group = [](std::uint64_t value) {
    std::string digits = std::to_string(value);
    return std::string(3 - digits.size(), '0') + digits;
  };
  std::string text = group(number % 1000);
  for (number /= 1000; number > 0; number /= 1000)
    text.insert(0, std::string("x").append(group(number % 1000)).append("/"));
  return text;
}

std::string Tile::path() const {
  std::string text = "tile/" + (level ? std::to_string(*level) : std::string("entries")) + "/" +
                     tile_number_text(number);
  if (width < kTileWidth) text += ".p/" + std::to_string(width);
  return text;
}

std::uint64_t hashes_at(std::uint64_t size, unsigned level) {
  const unsigned shift = level * kTileHeight;
  return shift >= 64 ? 0 : size >> shift;
}

std::vector<Tile> partial_tiles_of(std::uint64_t size) {
  std::vector<Tile> tiles;
  std::uint64_t count = size;
  for (unsigned level = 0; count > 0; ++level, count /= kTileWidth) {
    const auto width = static_cast<std::size_t>(count % kTileWidth);
    if (width == 0) continue;
    const Tile tile{.level = level, .number = count / kTileWidth, .width = width};
    if (level == 0) {  // the bundle first: hashes must not stand without what they are of
      tiles.push_back({.level = std::nullopt, .number = tile.number, .width = width});
    }
    tiles.push_back(tile);
  }
  return tiles;
}

void append_to_bundle(Bytes& bundle, ByteView entry) {
  HANGU_ASSERT(entry.size() <= kBundleEntryBytesMax);
  bundle.push_back(static_cast<std::byte>(entry.size() >> 8U));
  bundle.push_back(static_cast<std::byte>(entry.size() & 0xffU));
  append(bundle, entry);
}

Result<std::vector<ByteView>> parse_bundle(ByteView bundle, std::size_t count) {
  std::vector<ByteView> entries;
  entries.reserve(std::min(count, bundle.size() / kLengthBytes));
  for (std::size_t i = 0; i < count; ++i) {
    if (bundle.size() < kLengthBytes) return fail(ErrorCode::malformed, "bundle-invalid", "short");
    const std::size_t length =
        (std::to_integer<std::size_t>(bundle[0]) << 8U) | std::to_integer<std::size_t>(bundle[1]);
    bundle = bundle.subspan(kLengthBytes);
    if (bundle.size() < length) return fail(ErrorCode::malformed, "bundle-invalid", "short");
    entries.push_back(bundle.first(length));
    bundle = bundle.subspan(length);
  }
  if (!bundle.empty()) return fail(ErrorCode::malformed, "bundle-invalid", "bytes after the last");
  return entries;
}

void TileHashes::append(const Hash& leaf) {
  add(0, leaf);
  ++size_;
}

void TileHashes::add(unsigned level, const Hash& hash) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  std::deque<Hash>& hashes = levels_[level].hashes;
  hashes.push_back(hash);
  if (hashes.size() % kTileWidth != 0) return;
  add(level + 1, fold({hashes.end() - kTileWidth, hashes.end()}));
}

void TileHashes::release(std::uint64_t size) {
  HANGU_ASSERT(size <= size_);
  for (unsigned i = 0; i < levels_.size(); ++i) {
    Level& level = levels_[i];
    const std::uint64_t keep_from = hashes_at(size, i + 1) * kTileWidth;
    if (keep_from <= level.start) continue;
    const auto gone = static_cast<std::ptrdiff_t>(keep_from - level.start);
    level.hashes.erase(level.hashes.begin(), level.hashes.begin() + gone);
    level.start = keep_from;
  }
}

Bytes TileHashes::tile_bytes(const Tile& tile) const {
  HANGU_ASSERT(tile.level && *tile.level < levels_.size());
  const Level& level = levels_[*tile.level];
  const std::uint64_t first = tile.number * kTileWidth;
  HANGU_ASSERT(first >= level.start && first + tile.width <= level.start + level.hashes.size());
  Bytes bytes;
  bytes.reserve(tile.width * sizeof(Hash));
  for (std::size_t i = 0; i < tile.width; ++i) {
    hangu::append(bytes, level.hashes[static_cast<std::size_t>(first - level.start) + i]);
  }
  return bytes;
}

Result<std::vector<Hash>> TileHashes::range(unsigned level, std::uint64_t first,
                                            std::size_t count) const {
  HANGU_ASSERT(level < levels_.size());
  const Level& kept = levels_[level];
  HANGU_ASSERT(first + count <= kept.start + kept.hashes.size());
  if (first >= kept.start) {
    const auto at = kept.hashes.begin() + static_cast<std::ptrdiff_t>(first - kept.start);
    return std::vector<Hash>(at, at + static_cast<std::ptrdiff_t>(count));
  }
  // Aligned to a power of two of at most 256, so the range lies in one tile.
  HANGU_TRY(const Bytes bytes, read_tile_({.level = level, .number = first / kTileWidth}));
  if (bytes.size() != kTileBytes) return fail(ErrorCode::corrupt, "audit-tile-invalid", "length");
  std::vector<Hash> hashes(count);
  const std::size_t offset = static_cast<std::size_t>(first % kTileWidth) * sizeof(Hash);
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView one = ByteView(bytes).subspan(offset + i * sizeof(Hash), sizeof(Hash));
    std::ranges::copy(one, hashes[i].begin());
  }
  return hashes;
}

Result<Hash> TileHashes::node(unsigned height, std::uint64_t index) const {
  const unsigned level = height / kTileHeight;
  const unsigned inside = height % kTileHeight;
  HANGU_TRY(std::vector<Hash> hashes, range(level, index << inside, std::size_t{1} << inside));
  return fold(std::move(hashes));
}

}  // namespace hangu::audit
