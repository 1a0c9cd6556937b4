#include "audit/verifier/tile_tree.hpp"

#include <algorithm>
#include <bit>

namespace hangu_verify {
namespace {

constexpr unsigned kTileHeight = 8;
constexpr std::size_t kTilesKept = 4096;  ///< in memory, of 8 KiB

}  // namespace

std::uint64_t split_of(std::uint64_t n) { return std::bit_floor(n - 1); }

const std::string* TileTree::tile(unsigned level, std::uint64_t number) {
  const auto found = tiles_.find({level, number});
  if (found != tiles_.end()) return &found->second;
  const std::uint64_t hashes = size_ >> (kTileHeight * level);
  if (number * kTileWidth >= hashes) return nullptr;
  TileName name{std::to_string(level), number, std::min(kTileWidth, hashes - number * kTileWidth)};
  const std::string wanted = name.path();
  auto bytes = files_.read_tile(name);
  if (!bytes || bytes->size() != name.width * sizeof(Hash)) {
    if (unread_.empty()) unread_ = wanted;
    return nullptr;
  }
  if (tiles_.size() >= kTilesKept) tiles_.clear();
  return &tiles_.emplace(std::pair(level, number), *std::move(bytes)).first->second;
}

/// The full subtree of 2^height entries: folded from the highest level of tiles below it.
std::optional<Hash> TileTree::full(unsigned height, std::uint64_t index) {
  const unsigned level = height / kTileHeight;
  const std::uint64_t count = std::uint64_t{1} << (height % kTileHeight);
  const std::uint64_t first = index * count;
  const std::string* bytes = tile(level, first / kTileWidth);
  if (bytes == nullptr) return std::nullopt;
  std::vector<Hash> hashes;
  for (std::uint64_t i = first % kTileWidth; i < first % kTileWidth + count; ++i)
    hashes.push_back(*hash_from(std::string_view(*bytes).substr(i * sizeof(Hash), sizeof(Hash))));
  return root_of(hashes);
}

std::optional<Hash> TileTree::root(std::uint64_t from, std::uint64_t to) {
  const std::uint64_t count = to - from;
  if (count == 0) return hash_empty();
  if (std::has_single_bit(count))
    return full(static_cast<unsigned>(std::countr_zero(count)), from / count);
  const std::uint64_t middle = from + split_of(count);
  const auto left = root(from, middle);
  if (!left) return std::nullopt;
  const auto right = root(middle, to);
  if (!right) return std::nullopt;
  return hash_node(*left, *right);
}

std::optional<TileTree::Both> TileTree::both(std::uint64_t from, std::uint64_t to,
                                             std::uint64_t size) {
  if (to <= size) {
    const auto all = root(from, to);
    return all ? std::optional(Both{*all, *all}) : std::nullopt;
  }
  const std::uint64_t middle = from + split_of(to - from);
  const auto left = both(from, middle, size);
  if (!left) return std::nullopt;
  if (size <= middle) {
    const auto right = root(middle, to);
    return right ? std::optional(Both{left->beginning, hash_node(left->all, *right)})
                 : std::nullopt;
  }
  const auto right = both(middle, to, size);
  if (!right) return std::nullopt;
  return Both{hash_node(left->beginning, right->beginning), hash_node(left->all, right->all)};
}

std::optional<Hash> TileTree::prefix(std::uint64_t size, const Hash& whole) {
  if (size == 0) return root(0, size_) == whole ? std::optional(hash_empty()) : std::nullopt;
  const auto found = both(0, size_, size);
  return found && found->all == whole ? std::optional(found->beginning) : std::nullopt;
}

std::optional<Frontier> TileTree::frontier(std::uint64_t size) {
  Frontier out;
  for (std::uint64_t left = size; left > 0;) {
    const std::uint64_t part = std::bit_floor(left);
    const auto hash = root(size - left, size - left + part);
    if (!hash) return std::nullopt;
    out.add_subtree(*hash, part);
    left -= part;
  }
  return out;
}

std::optional<std::vector<Hash>> TileTree::path_of_bundle(std::uint64_t number) {
  std::vector<Hash> path;
  std::uint64_t from = 0;
  std::uint64_t to = size_;
  const std::uint64_t wanted = number * kTileWidth;
  while (to - from > kTileWidth) {
    const std::uint64_t middle = from + split_of(to - from);
    const bool right = wanted >= middle;
    const auto other = right ? root(from, middle) : root(middle, to);
    if (!other) return std::nullopt;
    path.push_back(*other);
    (right ? from : to) = middle;
  }
  std::ranges::reverse(path);
  return path;
}

}  // namespace hangu_verify
