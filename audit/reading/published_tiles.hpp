#pragma once
// PublishedTiles: the hashes that a log of one size has in its files, as a source of proofs.

#include <deque>

#include "audit/folder.hpp"
#include "audit/merkle.hpp"
#include "audit/tile.hpp"

namespace hangu::audit {

/// Reads tiles of a log of `size` entries, which may grow meanwhile: where the last tile of a level
/// is wider by now, its first hashes are taken. A hash that it gives is nobody's word until it led
/// to a signed root.
///
/// Memory: kTilesKeptMax tiles. Thread: one.
/// Errors: Corrupt "log-tile-missing", "log-tile-invalid" (of another length); of files.
class PublishedTiles final : public NodeSource {
 public:
  static constexpr std::size_t kTilesKeptMax = 64;

  /// `root` must outlive it.
  PublishedTiles(const Folder& root, std::uint64_t size) : root_(&root), size_(size) {}

  [[nodiscard]] Result<Hash> node(unsigned height, std::uint64_t index) const override;
  /// Hashes `first`.. of `level`, `count` of them, all in one tile.
  [[nodiscard]] Result<std::vector<Hash>> hashes(unsigned level, std::uint64_t first,
                                                 std::size_t count) const;

 private:
  struct Kept {
    unsigned level;
    std::uint64_t number;
    Bytes bytes;
  };
  [[nodiscard]] Result<ByteView> read(unsigned level, std::uint64_t number) const;

  const Folder* root_;
  std::uint64_t size_;
  mutable std::deque<Kept> kept_;  ///< the newest in front
};

/// The file of `tile`, or of the full one in its place when the log has grown since; either may be
/// the longer one. Errors: Unavailable "file-missing" when neither is there; of files.
[[nodiscard]] Result<Bytes> read_tile_file(const Folder& root, const Tile& tile,
                                           std::size_t bytes_max);

}  // namespace hangu::audit
