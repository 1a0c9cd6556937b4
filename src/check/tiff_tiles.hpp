#pragma once
// TiffTiles decodes the tiles of a walked TIFF into plain form's tiles.

#include <memory>

#include "check/tiff_walker.hpp"

namespace hangu::check {

/// Errors: Malformed "tiff-deflate" (broken, short, or bytes after its end), "tiff-cell-padding"
/// (cells beyond the raster's edge that are not zero); those of the source. Memory: three tiles (of
/// at most 512 KiB). Thread: one.
class TiffTiles {
 public:
  /// Borrows both.
  TiffTiles(const ByteSource& source, const Tiff& tiff);
  TiffTiles(const TiffTiles&) = delete;
  TiffTiles& operator=(const TiffTiles&) = delete;
  ~TiffTiles();

  /// The samples of one band that lie in the raster: row-major, little-endian, no padding. The view
  /// lives until the next call.
  [[nodiscard]] Result<ByteView> read(const plain::TilePlace& place);

 private:
  struct Inflater;
  [[nodiscard]] Done decode(std::size_t index);
  [[nodiscard]] Done check_padding(const plain::TilePlace& place) const;

  const ByteSource& source_;
  const Tiff& tiff_;
  std::unique_ptr<Inflater> inflater_;
  Bytes stored_;
  Bytes decoded_;  ///< the whole tile, padding cells too
  Bytes cut_;
};

}  // namespace hangu::check
