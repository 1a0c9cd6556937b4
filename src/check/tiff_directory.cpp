#include "check/tiff_directory.hpp"

#include "check/limits.hpp"
#include "check/little_endian.hpp"
#include "plain/limits.hpp"

namespace hangu::check {
namespace {

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

}  // namespace

Result<TiffDirectory> TiffDirectory::read(const ByteSource& source, Coverage& coverage) {
  TiffDirectory directory(source, coverage);
  HANGU_TRY(const std::uint64_t at, directory.read_header());
  HANGU_CHECK(directory.read_entries(at));
  return directory;
}

Result<std::uint64_t> TiffDirectory::read_header() {
  std::array<std::byte, 16> head{};
  if (source_->size() < 8) return wrong("tiff-header", "short");
  HANGU_CHECK(source_->read_at(0, MutableByteView(head).first(8)));
  if (load_le(head, 2) != 0x4949) return wrong("tiff-header", "not little-endian TIFF");
  const ByteView view(head);
  const std::uint16_t version = load_u16_le(view.subspan(2));
  if (version == 42) {
    HANGU_CHECK(coverage_->add(0, 8));
    return load_u32_le(view.subspan(4));
  }
  if (version != 43 || source_->size() < 16) return wrong("tiff-header", "version");
  HANGU_CHECK(source_->read_at(0, head));
  if (load_u16_le(view.subspan(4)) != 8 || load_u16_le(view.subspan(6)) != 0) {
    return wrong("tiff-header", "offset size");
  }
  big_ = true;
  HANGU_CHECK(coverage_->add(0, 16));
  return load_le(view.subspan(8), 8);
}

Done TiffDirectory::read_entries(std::uint64_t at) {
  const std::size_t count_bytes = big_ ? 8 : 2;
  const std::size_t entry_bytes = big_ ? 20 : 12;
  const std::size_t offset_bytes = big_ ? 8 : 4;
  std::array<std::byte, 8> word{};
  HANGU_CHECK(source_->read_at(at, MutableByteView(word).first(count_bytes)));
  const std::uint64_t count = load_le(word, count_bytes);
  if (count == 0 || count > kTiffEntriesMax) return wrong("tiff-entry", "count of entries");
  Bytes table(static_cast<std::size_t>(count) * entry_bytes + offset_bytes);
  HANGU_CHECK(source_->read_at(at + count_bytes, table));
  HANGU_CHECK(coverage_->add(at, count_bytes + table.size()));
  ByteView rest(table);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t place = at + count_bytes + i * entry_bytes;
    HANGU_CHECK(read_entry(rest.first(entry_bytes), place));
    rest = rest.subspan(entry_bytes);
  }
  if (load_le(rest, offset_bytes) != 0) return wrong("tiff-second-directory", {});
  return {};
}

Done TiffDirectory::read_entry(ByteView raw, std::uint64_t place) {
  const std::size_t word = big_ ? 8 : 4;
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
  if (!fits(rule->kind, entry.type, big_)) return wrong("tiff-entry", name + ": type");
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
    HANGU_CHECK(coverage_->add(entry.offset, bytes));
  }
  entries_.push_back(entry);
  return {};
}

const TiffDirectory::Entry* TiffDirectory::find(TiffTag tag) const {
  const auto found = std::ranges::find(entries_, tag, &Entry::tag);
  return found == entries_.end() ? nullptr : &*found;
}

Result<Bytes> TiffDirectory::raw(const Entry& entry) const {
  const std::uint64_t bytes = entry.count * size_of(entry.type);
  // Before memory is taken: a file of few bytes cannot hold many values.
  if (bytes > source_->size()) return wrong("bytes-beyond-end", "tag " + std::to_string(entry.tag));
  Bytes out(static_cast<std::size_t>(bytes));
  HANGU_CHECK(source_->read_at(entry.offset, out));
  return out;
}

Result<std::vector<std::uint64_t>> TiffDirectory::integers(TiffTag tag) const {
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

Result<std::uint64_t> TiffDirectory::integer(TiffTag tag,
                                             std::optional<std::uint64_t> absent) const {
  HANGU_TRY(const auto values, integers(tag));
  if (!values.empty()) return values.front();
  if (absent) return *absent;
  return wrong("tiff-tag-missing", "tag " + std::to_string(tag));
}

Result<std::vector<double>> TiffDirectory::doubles(TiffTag tag) const {
  std::vector<double> out;
  const Entry* const entry = find(tag);
  if (entry == nullptr) return out;
  HANGU_TRY(const Bytes bytes, raw(*entry));
  for (std::size_t i = 0; i < bytes.size(); i += 8) {
    out.push_back(load_f64_le(ByteView(bytes).subspan(i)));
  }
  return out;
}

Result<std::optional<std::string>> TiffDirectory::text(TiffTag tag) const {
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

}  // namespace hangu::check
