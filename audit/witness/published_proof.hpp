#pragma once
// PublishedTree: the hash tiles of a published log, as anyone who may read the folder sees them.

#include <list>
#include <memory>

#include "audit/folder.hpp"
#include "audit/tile.hpp"

namespace hangu::audit {

/// PublishedTree gives the nodes of the first `size` entries from the tiles in a log's folder, the
/// full tile where a partial one is gone. Memory: kTilesKeptMax tiles. What it gives is nobody's
/// word until it leads to a signed root. Thread: one.
class PublishedTree final : public NodeSource {
 public:
  static constexpr std::size_t kTilesKeptMax = 32;

  /// `root` must outlive it.
  PublishedTree(const Folder& root, std::uint64_t size) : root_(root), size_(size) {}
  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Errors: Corrupt "audit-tile-invalid"; of files.
  [[nodiscard]] Result<Hash> node(unsigned height, std::uint64_t index) const override;

 private:
  struct Kept {
    Tile tile;
    Bytes bytes;
  };
  [[nodiscard]] Result<const Bytes*> tile(unsigned level, std::uint64_t number) const;

  const Folder& root_;
  std::uint64_t size_;
  mutable std::list<Kept> kept_;  ///< the newest in front
};

/// The proof that the tree of `first` is the start of that of `second` (a checkpoint's), checked
/// against both: a proof that is given out here can fail at a witness for one reason only, that
/// it saw another tree of `first`.
/// Errors: Malformed "proof-range"; Corrupt "audit-tiles-corrupt" (the tiles do not lead to the
/// root of `second`), "audit-tile-invalid"; of files.
[[nodiscard]] Result<std::vector<Hash>> published_consistency(const Folder& root,
                                                              std::uint64_t first,
                                                              const TreeHead& second);

/// Whether `first` is a head of the log that `second` is of. Errors: as above.
[[nodiscard]] Result<bool> is_start_of(const Folder& root, const TreeHead& first,
                                       const TreeHead& second);

}  // namespace hangu::audit
