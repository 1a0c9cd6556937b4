// The TIFF walker, the decoder of tiles, and the reader of GeoKeys behind it. What the walker
// accepts has every byte in exactly one part.

#include "check/crs_facts.hpp"
#include "check/tiff_tiles.hpp"
#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hangu;
  constexpr std::uint32_t kTilesTried = 16;
  const check::MemorySource source(fuzz::view(data, size));
  const Result<check::Tiff> tiff = check::walk_tiff(source);
  if (!tiff) {
    fuzz::must_hold(!tiff.error().reason().empty());
    return 0;
  }
  std::uint64_t stored = 0;
  for (const std::uint64_t bytes : tiff->tile_bytes) stored += bytes;
  fuzz::must_hold(stored + tiff->padding < size);
  (void)check::check_tiff_crs(*tiff, {});
  (void)check::check_tiff_crs(*tiff, {plain::Crs::Kind::epsg, 4326, {}});
  (void)check::read_geo_keys(*tiff);
  check::TiffTiles tiles(source, *tiff);
  for (std::uint32_t i = 0; i < std::min(tiff->tiles_across(), kTilesTried); ++i) {
    const plain::TilePlace place{tiff->tiles_down() - 1, i, tiff->samples - 1U};
    if (const auto samples = tiles.read(place)) {
      const plain::Raster raster{.width = tiff->width,
                                 .height = tiff->height,
                                 .sample = tiff->sample,
                                 .transform = {},
                                 .crs = {},
                                 .bands = {},
                                 .palette = {}};
      fuzz::must_hold(samples->size() == std::size_t{tile_width(raster, place)} *
                                             tile_height(raster, place) *
                                             plain::bytes_of(tiff->sample));
    }
  }
  return 0;
}
