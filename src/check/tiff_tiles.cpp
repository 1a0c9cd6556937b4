#include "check/tiff_tiles.hpp"

#include <algorithm>
#include <cstring>

#include <zlib.h>

namespace hangu::check {
namespace {

constexpr std::size_t kSide = plain::kTileSide;

}  // namespace

/// Inflater is one zlib stream, used for tile after tile.
struct TiffTiles::Inflater {
  Inflater() { ready = inflateInit(&stream) == Z_OK; }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready) inflateEnd(&stream);
  }

  /// Exactly all of `in` makes exactly all of `out`.
  Done inflate_all(Bytes& in, Bytes& out) {
    if (!ready || inflateReset(&stream) != Z_OK) return fail(ErrorCode::internal, "zlib-failed");
    // Both are a tile at most, and an eighth.
    static_assert(sizeof(Bytef) == sizeof(std::byte));
    // NOLINTBEGIN(bugprone-casting-through-void): bytes under zlib's name for them.
    stream.next_in = static_cast<Bytef*>(static_cast<void*>(in.data()));
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = static_cast<Bytef*>(static_cast<void*>(out.data()));
    stream.avail_out = static_cast<uInt>(out.size());
    // NOLINTEND(bugprone-casting-through-void)
    const int code = inflate(&stream, Z_FINISH);
    if (code != Z_STREAM_END || stream.avail_in != 0 || stream.avail_out != 0) {
      return fail(ErrorCode::malformed, "tiff-deflate", "zlib code " + std::to_string(code));
    }
    return {};
  }

  z_stream stream{};
  bool ready = false;
};

TiffTiles::TiffTiles(const ByteSource& source, const Tiff& tiff)
    : source_(source), tiff_(tiff), inflater_(std::make_unique<Inflater>()) {}
TiffTiles::~TiffTiles() = default;

Done TiffTiles::decode(std::size_t index) {
  decoded_.resize(tiff_.decoded_tile_bytes());
  if (tiff_.compression == TiffCompression::none) {
    HANGU_CHECK(source_.read_at(tiff_.tile_offsets[index], decoded_));
  } else {
    stored_.resize(static_cast<std::size_t>(tiff_.tile_bytes[index]));
    HANGU_CHECK(source_.read_at(tiff_.tile_offsets[index], stored_));
    HANGU_CHECK(inflater_->inflate_all(stored_, decoded_));
  }
  return {};
}

Done TiffTiles::check_padding(const plain::TilePlace& place) const {
  const std::size_t cell = plain::bytes_of(tiff_.sample);
  const std::size_t wide = std::min<std::size_t>(kSide, tiff_.width - place.column * kSide);
  const std::size_t high = std::min<std::size_t>(kSide, tiff_.height - place.row * kSide);
  const ByteView tile(decoded_);
  for (std::size_t row = 0; row < kSide; ++row) {
    const std::size_t used = row < high ? wide : 0;
    if (!all_zero(tile.subspan((row * kSide + used) * cell, (kSide - used) * cell))) {
      return fail(ErrorCode::malformed, "tiff-cell-padding",
                  "tile " + std::to_string(place.row) + "," + std::to_string(place.column));
    }
  }
  return {};
}

Result<ByteView> TiffTiles::read(const plain::TilePlace& place) {
  HANGU_ASSERT(place.row < tiff_.tiles_down() && place.column < tiff_.tiles_across() &&
               place.band < tiff_.samples);
  const std::size_t plane = std::size_t{tiff_.tiles_across()} * tiff_.tiles_down();
  HANGU_CHECK(
      decode(place.band * plane + std::size_t{place.row} * tiff_.tiles_across() + place.column));
  HANGU_CHECK(check_padding(place));
  const std::size_t cell = plain::bytes_of(tiff_.sample);
  const std::size_t wide = std::min<std::size_t>(kSide, tiff_.width - place.column * kSide);
  const std::size_t high = std::min<std::size_t>(kSide, tiff_.height - place.row * kSide);
  if (wide == kSide) return ByteView(decoded_).first(high * kSide * cell);
  cut_.resize(wide * high * cell);
  for (std::size_t row = 0; row < high; ++row) {
    std::memcpy(cut_.data() + row * wide * cell, decoded_.data() + row * kSide * cell, wide * cell);
  }
  return ByteView(cut_);
}

}  // namespace hangu::check
