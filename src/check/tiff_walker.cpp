#include "check/tiff_walker.hpp"

#include <algorithm>

#include "check/coverage.hpp"
#include "check/limits.hpp"
#include "check/little_endian.hpp"

namespace hangu::check {
namespace {

enum Tag : std::uint16_t {
  kImageWidth = 256,
  kImageLength = 257,
  kBitsPerSample = 258,
  kCompression = 259,
  kPhotometric = 262,
  kSamplesPerPixel = 277,
  kPlanarConfiguration = 284,
  kPredictor = 317,
  kColorMap = 320,
  kTileWidth = 322,
  kTileLength = 323,
  kTileOffsets = 324,
  kTileByteCounts = 325,
  kExtraSamples = 338,
  kSampleFormat = 339,
  kModelPixelScale = 33550,
  kModelTiepoint = 33922,
  kModelTransformation = 34264,
  kGeoKeyDirectory = 34735,
  kGeoDoubleParams = 34736,
  kGeoAsciiParams = 34737,
  kGdalMetadata = 42112,
  kGdalNoData = 42113,
};

enum Type : std::uint16_t { kAscii = 2, kShort = 3, kLong = 4, kDouble = 12, kLong8 = 16 };

enum class Kind : std::uint8_t { integers, doubles, text };

/// One row of the list of permitted tags.
struct TagRule {
  std::uint16_t tag;
  Kind kind;
  std::uint64_t count_min;
  std::uint64_t count_max;
};

constexpr auto kTagRules = std::to_array<TagRule>({
    {kImageWidth, Kind::integers, 1, 1},
    {kImageLength, Kind::integers, 1, 1},
    {kBitsPerSample, Kind::integers, 1, plain::kBandsMax},
    {kCompression, Kind::integers, 1, 1},
    {kPhotometric, Kind::integers, 1, 1},
    {kSamplesPerPixel, Kind::integers, 1, 1},
    {kPlanarConfiguration, Kind::integers, 1, 1},
    {kPredictor, Kind::integers, 1, 1},
    {kColorMap, Kind::integers, 3 * 2, 3 * 65536},
    {kTileWidth, Kind::integers, 1, 1},
    {kTileLength, Kind::integers, 1, 1},
    {kTileOffsets, Kind::integers, 1, kTiffTilesMax},
    {kTileByteCounts, Kind::integers, 1, kTiffTilesMax},
    {kExtraSamples, Kind::integers, 1, plain::kBandsMax},
    {kSampleFormat, Kind::integers, 1, plain::kBandsMax},
    {kModelPixelScale, Kind::doubles, 3, 3},
    {kModelTiepoint, Kind::doubles, 6, 6},
    {kModelTransformation, Kind::doubles, 16, 16},
    {kGeoKeyDirectory, Kind::integers, 4, 4 + 4 * kGeoKeysMax},
    {kGeoDoubleParams, Kind::doubles, 1, kGeoDoublesMax},
    {kGeoAsciiParams, Kind::text, 1, kTiffTextBytesMax},
    {kGdalMetadata, Kind::text, 1, kTiffTextBytesMax},
    {kGdalNoData, Kind::text, 1, 64},
});

struct Entry {
  std::uint16_t tag = 0;
  std::uint16_t type = 0;
  std::uint64_t count = 0;
  std::uint64_t offset = 0;  ///< of the values in the file
};

std::unexpected<Error> wrong(std::string_view reason, std::string context) {
  return fail(ErrorCode::malformed, reason, std::move(context));
}

std::size_t size_of(std::uint16_t type) {
  switch (type) {
    case kAscii: return 1;
    case kShort: return 2;
    case kLong: return 4;
    case kDouble:
    case kLong8: return 8;
    default: return 0;
  }
}

bool fits(Kind kind, std::uint16_t type, bool big) {
  switch (kind) {
    case Kind::integers: return type == kShort || type == kLong || (type == kLong8 && big);
    case Kind::doubles: return type == kDouble;
    case Kind::text: return type == kAscii;
  }
  return false;
}

/// Walk is one pass over one file.
class Walk {
 public:
  explicit Walk(const ByteSource& source) : source_(source) {}

  Result<Tiff> whole() {
    HANGU_TRY(const std::uint64_t directory, header());
    HANGU_CHECK(read_directory(directory));
    HANGU_CHECK(image());
    HANGU_CHECK(colours());
    HANGU_CHECK(tiles());
    HANGU_CHECK(georeference());
    HANGU_TRY(tiff_.padding, coverage_.finish(source_));
    return std::move(tiff_);
  }

 private:
  // --- Directory

  Result<std::uint64_t> header() {
    std::array<std::byte, 16> head{};
    if (source_.size() < 8) return wrong("tiff-header", "short");
    HANGU_CHECK(source_.read_at(0, MutableByteView(head).first(8)));
    if (load_le(head, 2) != 0x4949) return wrong("tiff-header", "not little-endian TIFF");
    const ByteView view(head);
    const std::uint16_t version = load_u16_le(view.subspan(2));
    if (version == 42) {
      HANGU_CHECK(coverage_.add(0, 8));
      return load_u32_le(view.subspan(4));
    }
    if (version != 43 || source_.size() < 16) return wrong("tiff-header", "version");
    HANGU_CHECK(source_.read_at(0, head));
    if (load_u16_le(view.subspan(4)) != 8 || load_u16_le(view.subspan(6)) != 0) {
      return wrong("tiff-header", "offset size");
    }
    tiff_.big = true;
    HANGU_CHECK(coverage_.add(0, 16));
    return load_le(view.subspan(8), 8);
  }

  Done read_directory(std::uint64_t at) {
    const std::size_t count_bytes = tiff_.big ? 8 : 2;
    const std::size_t entry_bytes = tiff_.big ? 20 : 12;
    const std::size_t offset_bytes = tiff_.big ? 8 : 4;
    std::array<std::byte, 8> word{};
    HANGU_CHECK(source_.read_at(at, MutableByteView(word).first(count_bytes)));
    const std::uint64_t count = load_le(word, count_bytes);
    if (count == 0 || count > kTiffEntriesMax) return wrong("tiff-entry", "count of entries");
    Bytes table(static_cast<std::size_t>(count) * entry_bytes + offset_bytes);
    HANGU_CHECK(source_.read_at(at + count_bytes, table));
    HANGU_CHECK(coverage_.add(at, count_bytes + table.size()));
    ByteView rest(table);
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t place = at + count_bytes + i * entry_bytes;
      HANGU_CHECK(read_entry(rest.first(entry_bytes), place));
      rest = rest.subspan(entry_bytes);
    }
    if (load_le(rest, offset_bytes) != 0) return wrong("tiff-second-directory", {});
    return {};
  }

  Done read_entry(ByteView raw, std::uint64_t place) {
    const std::size_t word = tiff_.big ? 8 : 4;
    Entry entry;
    entry.tag = load_u16_le(raw);
    entry.type = load_u16_le(raw.subspan(2));
    entry.count = load_le(raw.subspan(4), word);
    const ByteView field = raw.subspan(4 + word, word);
    const std::string name = "tag " + std::to_string(entry.tag);
    const auto* const rule = std::ranges::find(kTagRules, entry.tag, &TagRule::tag);
    if (rule == kTagRules.end()) return wrong("tiff-tag", name);
    if (!entries_.empty() && entries_.back().tag >= entry.tag) {
      return wrong("tiff-entry-order", name);
    }
    if (!fits(rule->kind, entry.type, tiff_.big)) return wrong("tiff-entry", name + ": type");
    if (entry.count < rule->count_min) return wrong("tiff-entry", name + ": count");
    if (entry.count > rule->count_max) {
      return fail(ErrorCode::exhausted, "tiff-limit", name + ": count");
    }
    const std::uint64_t bytes = entry.count * size_of(entry.type);
    if (bytes <= word) {
      entry.offset = place + 4 + word;
      if (!all_zero(field.subspan(static_cast<std::size_t>(bytes)))) {
        return wrong("tiff-slack", name);
      }
    } else {
      entry.offset = load_le(field, word);
      HANGU_CHECK(coverage_.add(entry.offset, bytes));
    }
    entries_.push_back(entry);
    return {};
  }

  // --- Values

  [[nodiscard]] const Entry* find(std::uint16_t tag) const {
    const auto found = std::ranges::find(entries_, tag, &Entry::tag);
    return found == entries_.end() ? nullptr : &*found;
  }

  [[nodiscard]] Result<Bytes> raw(const Entry& entry) const {
    const std::uint64_t bytes = entry.count * size_of(entry.type);
    // Before memory is taken: a file of few bytes cannot hold many values.
    if (bytes > source_.size())
      return wrong("bytes-beyond-end", "tag " + std::to_string(entry.tag));
    Bytes out(static_cast<std::size_t>(bytes));
    HANGU_CHECK(source_.read_at(entry.offset, out));
    return out;
  }

  [[nodiscard]] Result<std::vector<std::uint64_t>> integers(std::uint16_t tag) const {
    std::vector<std::uint64_t> out;
    const Entry* const entry = find(tag);
    if (entry == nullptr) return out;
    HANGU_TRY(const Bytes bytes, raw(*entry));
    const std::size_t size = size_of(entry->type);
    out.reserve(bytes.size() / size);
    for (std::size_t i = 0; i < bytes.size(); i += size) {
      out.push_back(load_le(ByteView(bytes).subspan(i), size));
    }
    return out;
  }

  /// The value of a tag that must be there, or `absent` when the tag may be left out.
  [[nodiscard]] Result<std::uint64_t> integer(std::uint16_t tag,
                                              std::optional<std::uint64_t> absent = {}) const {
    HANGU_TRY(const auto values, integers(tag));
    if (!values.empty()) return values.front();
    if (absent) return *absent;
    return wrong("tiff-tag-missing", "tag " + std::to_string(tag));
  }

  [[nodiscard]] Result<std::vector<double>> doubles(std::uint16_t tag) const {
    std::vector<double> out;
    const Entry* const entry = find(tag);
    if (entry == nullptr) return out;
    HANGU_TRY(const Bytes bytes, raw(*entry));
    for (std::size_t i = 0; i < bytes.size(); i += 8) {
      out.push_back(load_f64_le(ByteView(bytes).subspan(i)));
    }
    return out;
  }

  template <std::size_t N>
  [[nodiscard]] Result<std::optional<std::array<double, N>>> doubles_of(std::uint16_t tag) const {
    HANGU_TRY(const auto values, doubles(tag));
    std::optional<std::array<double, N>> out;
    if (values.size() == N) std::ranges::copy(values, out.emplace().begin());
    return out;
  }

  /// Printable ASCII (and line feeds) up to the one NUL at its end.
  [[nodiscard]] Result<std::optional<std::string>> text(std::uint16_t tag) const {
    std::optional<std::string> out;
    const Entry* const entry = find(tag);
    if (entry == nullptr) return out;
    HANGU_TRY(const Bytes bytes, raw(*entry));
    out = text_of(bytes);
    const bool ends = out->back() == '\0';
    out->pop_back();
    const bool printable =
        std::ranges::all_of(*out, [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; });
    if (!ends || !printable) return wrong("tiff-text", "tag " + std::to_string(tag));
    return out;
  }

  /// A tag with one value for each sample, all the same; that value.
  [[nodiscard]] Result<std::uint64_t> uniform(std::uint16_t tag, std::uint64_t absent) const {
    HANGU_TRY(const auto values, integers(tag));
    if (values.empty()) return absent;
    const bool same = std::ranges::all_of(values, [&](auto v) { return v == values.front(); });
    if (values.size() != tiff_.samples || !same) {
      return wrong("tiff-value", "tag " + std::to_string(tag) + " differs between samples");
    }
    return values.front();
  }

  // --- Sense

  Done image() {
    HANGU_TRY(const std::uint64_t width, integer(kImageWidth));
    HANGU_TRY(const std::uint64_t height, integer(kImageLength));
    if (width == 0 || height == 0) return wrong("tiff-value", "size");
    if (width > plain::kRasterSideMax || height > plain::kRasterSideMax) {
      return fail(ErrorCode::exhausted, "tiff-limit", "size");
    }
    tiff_.width = static_cast<std::uint32_t>(width);
    tiff_.height = static_cast<std::uint32_t>(height);
    HANGU_TRY(const std::uint64_t samples, integer(kSamplesPerPixel, 1));
    if (samples == 0) return wrong("tiff-value", "samples");
    if (samples > plain::kBandsMax) return fail(ErrorCode::exhausted, "tiff-limit", "samples");
    tiff_.samples = static_cast<std::uint16_t>(samples);
    HANGU_CHECK(sample_type());
    HANGU_TRY(const std::uint64_t planar, integer(kPlanarConfiguration, 1));
    // One plane a band; with one band both words mean the same.
    if (planar != 2 && (planar != 1 || samples != 1)) {
      return wrong("tiff-value", "planar configuration");
    }
    HANGU_TRY(const std::uint64_t compression, integer(kCompression, 1));
    if (compression != 1 && compression != 8) return wrong("tiff-value", "compression");
    tiff_.compression = compression == 8 ? TiffCompression::deflate : TiffCompression::none;
    HANGU_TRY(const std::uint64_t predictor, integer(kPredictor, 1));
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
    HANGU_TRY(const std::uint64_t photometric, integer(kPhotometric));
    HANGU_TRY(const auto extra, integers(kExtraSamples));
    HANGU_TRY(const auto map, integers(kColorMap));
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
    HANGU_TRY(const std::uint64_t across, integer(kTileWidth));
    HANGU_TRY(const std::uint64_t down, integer(kTileLength));
    if (across != plain::kTileSide || down != plain::kTileSide) return wrong("tiff-tiles", "side");
    const std::uint64_t wanted =
        std::uint64_t{tiff_.tiles_across()} * tiff_.tiles_down() * tiff_.samples;
    if (wanted > kTiffTilesMax) return fail(ErrorCode::exhausted, "tiff-limit", "tiles");
    HANGU_TRY(tiff_.tile_offsets, integers(kTileOffsets));
    HANGU_TRY(tiff_.tile_bytes, integers(kTileByteCounts));
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
    HANGU_TRY(tiff_.pixel_scale, doubles_of<3>(kModelPixelScale));
    HANGU_TRY(tiff_.tie_point, doubles_of<6>(kModelTiepoint));
    HANGU_TRY(tiff_.transformation, doubles_of<16>(kModelTransformation));
    HANGU_TRY(tiff_.geo_doubles, doubles(kGeoDoubleParams));
    HANGU_TRY(auto geo_text, text(kGeoAsciiParams));
    HANGU_TRY(auto metadata, text(kGdalMetadata));
    HANGU_TRY(tiff_.no_data, text(kGdalNoData));
    if (geo_text) tiff_.geo_text = *std::move(geo_text);
    if (metadata) tiff_.metadata = *std::move(metadata);
    HANGU_TRY(const auto keys, integers(kGeoKeyDirectory));
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

  const ByteSource& source_;
  Coverage coverage_;
  std::vector<Entry> entries_;
  Tiff tiff_;
};

}  // namespace

Result<Tiff> walk_tiff(const ByteSource& source) { return Walk(source).whole(); }

}  // namespace hangu::check
