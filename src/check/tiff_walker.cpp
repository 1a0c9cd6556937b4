#include "check/tiff_walker.hpp"

#include <algorithm>

#include "check/coverage.hpp"
#include "check/limits.hpp"
#include "check/tiff_directory.hpp"

namespace hangu::check {
namespace {

std::unexpected<Error> wrong(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

/// Sense is what the values of one directory mean together.
class Sense {
 public:
  Sense(const TiffDirectory& directory, Coverage& coverage)
      : directory_(directory), coverage_(coverage) {}

  Result<Tiff> whole() {
    tiff_.big = directory_.big();
    HANGU_CHECK(image());
    HANGU_CHECK(colours());
    HANGU_CHECK(tiles());
    HANGU_CHECK(georeference());
    return std::move(tiff_);
  }

 private:
  /// A tag with one value for each sample, all the same; that value.
  [[nodiscard]] Result<std::uint64_t> uniform(TiffTag tag, std::uint64_t absent) const {
    HANGU_TRY(const auto values, directory_.integers(tag));
    if (values.empty()) return absent;
    const bool same = std::ranges::all_of(values, [&](auto v) { return v == values.front(); });
    if (values.size() != tiff_.samples || !same) {
      return wrong("tiff-value", "tag " + std::to_string(tag) + " differs between samples");
    }
    return values.front();
  }

  Done image() {
    HANGU_TRY(const std::uint64_t width, directory_.integer(kImageWidth));
    HANGU_TRY(const std::uint64_t height, directory_.integer(kImageLength));
    if (width == 0 || height == 0) return wrong("tiff-value", "size");
    if (width > plain::kRasterSideMax || height > plain::kRasterSideMax) {
      return fail(ErrorCode::exhausted, "tiff-limit", "size");
    }
    tiff_.width = static_cast<std::uint32_t>(width);
    tiff_.height = static_cast<std::uint32_t>(height);
    HANGU_TRY(const std::uint64_t samples, directory_.integer(kSamplesPerPixel, 1));
    if (samples == 0) return wrong("tiff-value", "samples");
    if (samples > plain::kBandsMax) return fail(ErrorCode::exhausted, "tiff-limit", "samples");
    tiff_.samples = static_cast<std::uint16_t>(samples);
    HANGU_CHECK(sample_type());
    HANGU_TRY(const std::uint64_t planar, directory_.integer(kPlanarConfiguration, 1));
    // One plane a band; with one band both words mean the same.
    if (planar != 2 && (planar != 1 || samples != 1)) {
      return wrong("tiff-value", "planar configuration");
    }
    HANGU_TRY(const std::uint64_t compression, directory_.integer(kCompression, 1));
    if (compression != 1 && compression != 8) return wrong("tiff-value", "compression");
    tiff_.compression = compression == 8 ? TiffCompression::deflate : TiffCompression::none;
    HANGU_TRY(const std::uint64_t predictor, directory_.integer(kPredictor, 1));
    if (predictor != 1) return wrong("tiff-value", "predictor");
    return {};
  }

  Done sample_type() {
    HANGU_TRY(const std::uint64_t bits, uniform(kBitsPerSample, 1));
    HANGU_TRY(const std::uint64_t format, uniform(kSampleFormat, 1));
    struct Row {
      std::uint64_t bits, format;
      plain::SampleType sample;
    };
    using plain::SampleType;
    constexpr auto kRows = std::to_array<Row>({{8, 1, SampleType::u8},
                                               {16, 1, SampleType::u16},
                                               {16, 2, SampleType::i16},
                                               {32, 1, SampleType::u32},
                                               {32, 2, SampleType::i32},
                                               {32, 3, SampleType::f32},
                                               {64, 3, SampleType::f64}});
    const auto* const row = std::ranges::find_if(
        kRows, [&](const Row& r) { return r.bits == bits && r.format == format; });
    if (row == kRows.end()) return wrong("tiff-value", "sample type");
    tiff_.sample = row->sample;
    return {};
  }

  Done colours() {
    HANGU_TRY(const std::uint64_t photometric, directory_.integer(kPhotometric));
    HANGU_TRY(const auto extra, directory_.integers(kExtraSamples));
    HANGU_TRY(const auto map, directory_.integers(kColorMap));
    if (photometric == 0 || photometric > 3) return wrong("tiff-value", "photometric");
    tiff_.photometric = static_cast<TiffPhotometric>(photometric - 1);
    const bool palette = tiff_.photometric == TiffPhotometric::palette;
    const std::size_t coloured = tiff_.photometric == TiffPhotometric::rgb ? 3 : 1;
    if (coloured + extra.size() != tiff_.samples) return wrong("tiff-value", "extra samples");
    for (const std::uint64_t kind : extra) {
      if (kind > 2) return wrong("tiff-value", "extra samples");
      tiff_.extra_samples.push_back(static_cast<TiffExtraSample>(kind));
    }
    const bool small =
        tiff_.sample == plain::SampleType::u8 || tiff_.sample == plain::SampleType::u16;
    const std::size_t wanted =
        !palette ? 0 : 3 * (tiff_.sample == plain::SampleType::u8 ? std::size_t{256} : 65536);
    if (map.size() != wanted || (palette && !small)) return wrong("tiff-value", "colour map");
    for (const std::uint64_t level : map) {
      if (level > 0xffff) return wrong("tiff-value", "colour map");
      tiff_.colour_map.push_back(static_cast<std::uint16_t>(level));
    }
    return {};
  }

  Done tiles() {
    HANGU_TRY(const std::uint64_t across, directory_.integer(kTileWidth));
    HANGU_TRY(const std::uint64_t down, directory_.integer(kTileLength));
    if (across != plain::kTileSide || down != plain::kTileSide) return wrong("tiff-tiles", "side");
    const std::uint64_t wanted =
        std::uint64_t{tiff_.tiles_across()} * tiff_.tiles_down() * tiff_.samples;
    if (wanted > kTiffTilesMax) return fail(ErrorCode::exhausted, "tiff-limit", "tiles");
    HANGU_TRY(tiff_.tile_offsets, directory_.integers(kTileOffsets));
    HANGU_TRY(tiff_.tile_bytes, directory_.integers(kTileByteCounts));
    if (tiff_.tile_offsets.size() != wanted || tiff_.tile_bytes.size() != wanted) {
      return wrong("tiff-tiles", "count");
    }
    const std::uint64_t decoded = tiff_.decoded_tile_bytes();
    for (std::size_t i = 0; i < tiff_.tile_offsets.size(); ++i) {
      const std::uint64_t bytes = tiff_.tile_bytes[i];
      // Deflate's own worst case is far below an eighth more.
      const bool fitting = tiff_.compression == TiffCompression::none
                               ? bytes == decoded
                               : bytes > 0 && bytes <= decoded + decoded / 8;
      if (!fitting) return wrong("tiff-tiles", "bytes of tile " + std::to_string(i));
      HANGU_CHECK(coverage_.add(tiff_.tile_offsets[i], bytes));
    }
    return {};
  }

  Done georeference() {
    HANGU_TRY(tiff_.pixel_scale, directory_.doubles_of<3>(kModelPixelScale));
    HANGU_TRY(tiff_.tie_point, directory_.doubles_of<6>(kModelTiepoint));
    HANGU_TRY(tiff_.transformation, directory_.doubles_of<16>(kModelTransformation));
    HANGU_TRY(tiff_.geo_doubles, directory_.doubles(kGeoDoubleParams));
    HANGU_TRY(auto geo_text, directory_.text(kGeoAsciiParams));
    HANGU_TRY(auto metadata, directory_.text(kGdalMetadata));
    HANGU_TRY(tiff_.no_data, directory_.text(kGdalNoData));
    if (geo_text) tiff_.geo_text = *std::move(geo_text);
    if (metadata) tiff_.metadata = *std::move(metadata);
    HANGU_TRY(const auto keys, directory_.integers(kGeoKeyDirectory));
    if (keys.empty()) {
      const bool none = tiff_.geo_doubles.empty() && tiff_.geo_text.empty();
      return none ? Done() : Done(wrong("tiff-geo-keys", "parameters without keys"));
    }
    return geo_keys(keys);
  }

  Done geo_keys(const std::vector<std::uint64_t>& words) {
    if (words[0] != 1 || words[1] != 1 || words[2] != 1 || words.size() != 4 + 4 * words[3]) {
      return wrong("tiff-geo-keys", "head");
    }
    std::vector<bool> doubles_used(tiff_.geo_doubles.size());
    std::vector<bool> text_used(tiff_.geo_text.size());
    for (std::size_t i = 4; i < words.size(); i += 4) {
      for (std::size_t k = 0; k < 4; ++k) {
        if (words[i + k] > 0xffff) return wrong("tiff-geo-keys", "range");
      }
      const auto word = [&](std::size_t k) { return static_cast<std::uint16_t>(words[i + k]); };
      const GeoKey key{word(0), word(1), word(2), word(3)};
      const std::string name = "key " + std::to_string(key.id);
      if (!tiff_.geo_keys.empty() && tiff_.geo_keys.back().id >= key.id) {
        return wrong("tiff-geo-keys", name + ": order");
      }
      const bool placed = key.location == 0                  ? key.count == 1
                          : key.location == kGeoDoubleParams ? use(doubles_used, key)
                          : key.location == kGeoAsciiParams  ? use(text_used, key)
                                                             : false;
      if (!placed) return wrong("tiff-geo-keys", name + ": location");
      tiff_.geo_keys.push_back(key);
    }
    if (std::ranges::count(doubles_used, false) != 0 || std::ranges::count(text_used, false) != 0) {
      return wrong("tiff-geo-keys", "parameters of no key");
    }
    return {};
  }

  /// Marks the parameters of a key; false when they are not there or another key has them.
  static bool use(std::vector<bool>& used, const GeoKey& key) {
    if (key.count == 0 || std::size_t{key.value} + key.count > used.size()) return false;
    for (std::size_t i = key.value; i < std::size_t{key.value} + key.count; ++i) {
      if (used[i]) return false;
      used[i] = true;
    }
    return true;
  }

  const TiffDirectory& directory_;
  Coverage& coverage_;
  Tiff tiff_;
};

}  // namespace

Result<Tiff> walk_tiff(const ByteSource& source) {
  Coverage coverage;
  HANGU_TRY(const TiffDirectory directory, TiffDirectory::read(source, coverage));
  HANGU_TRY(Tiff tiff, Sense(directory, coverage).whole());
  HANGU_TRY(tiff.padding, coverage.finish(source));
  return tiff;
}

}  // namespace hangu::check
