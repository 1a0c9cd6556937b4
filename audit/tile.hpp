#pragma once
// Tiles and entry bundles of C2SP tlog-tiles: their names, their bytes, and the hashes that a
// growing log still has in memory.

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "audit/limits.hpp"
#include "audit/merkle.hpp"

namespace hangu::audit {

/// Tile names one file: `level` 0..7 of hashes, or none for an entry bundle; the tile's number;
/// its width 1..256 (256: full, immutable and final).
struct Tile {
  std::optional<unsigned> level;
  std::uint64_t number = 0;
  std::size_t width = kTileWidth;

  /// "tile/0/x001/234", "tile/entries/000.p/3".
  [[nodiscard]] std::string path() const;
  bool operator==(const Tile&) const = default;
};

/// "005", "x001/x234/067".
[[nodiscard]] std::string tile_number_text(std::uint64_t number);

/// Hashes at `level` (each the root of 256^level entries) of a log of `size`.
[[nodiscard]] std::uint64_t hashes_at(std::uint64_t size, unsigned level);

/// The partial files of a log of `size`: its last bundle and its last tile of each level.
[[nodiscard]] std::vector<Tile> partial_tiles_of(std::uint64_t size);

/// The entries of a bundle: (u16be length ‖ bytes) each.
void append_to_bundle(Bytes& bundle, ByteView entry);
/// Views of exactly `count` entries. Errors: Malformed "bundle-invalid".
[[nodiscard]] Result<std::vector<ByteView>> parse_bundle(ByteView bundle, std::size_t count);

/// TileHashes keeps the hashes of a log by tile level and answers for any node: from memory right
/// of what was released, from full tile files left of it.
/// Memory: 32 bytes for each unreleased hash. Thread: one.
class TileHashes final : public NodeSource {
 public:
  /// Reads a full tile's 8192 bytes.
  using ReadTile = std::function<Result<Bytes>(const Tile&)>;
  explicit TileHashes(ReadTile read_tile) : read_tile_(std::move(read_tile)) {}

  void append(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Forgets the full tiles of the first `size` entries: they are durable files.
  void release(std::uint64_t size);
  /// The bytes of a tile in memory (`tile.level` set). A defect when it was released.
  [[nodiscard]] Bytes tile_bytes(const Tile& tile) const;
  [[nodiscard]] Result<Hash> node(unsigned height, std::uint64_t index) const override;

 private:
  /// Hashes from number `start` (a multiple of 256) on.
  struct Level {
    std::uint64_t start = 0;
    std::deque<Hash> hashes;
  };
  void add(unsigned level, const Hash& hash);
  [[nodiscard]] Result<std::vector<Hash>> range(unsigned level, std::uint64_t first,
                                                std::size_t count) const;

  ReadTile read_tile_;
  std::uint64_t size_ = 0;
  std::vector<Level> levels_;
};

}  // namespace hangu::audit
