#pragma once
// The one directory of a TIFF or BigTIFF file, read against a closed list of tags. Internal to the
// walker (tiff_walker.hpp), which knows what the values mean.

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "check/byte_source.hpp"
#include "check/coverage.hpp"

namespace hangu::check {

/// The list. TIFF 6.0; OGC 19-008r4 (Model…, Geo…); GDAL's own two.
enum TiffTag : std::uint16_t {
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

class TiffDirectory {
 public:
  /// Reads header and entries; says to `coverage` which bytes they and their values take. Both must
  /// outlive it. Errors: Malformed "tiff-header", "tiff-second-directory", "tiff-entry-order",
  /// "tiff-tag" (not on the list), "tiff-entry" (type or count), "tiff-slack" (unused bytes of an
  /// entry); those of Coverage and ByteSource; Exhausted "tiff-limit". Thread: any.
  [[nodiscard]] static Result<TiffDirectory> read(const ByteSource& source, Coverage& coverage);

  [[nodiscard]] bool big() const { return big_; }

  // Values of a tag; empty when it is not there. Errors: Malformed "bytes-beyond-end"; those of
  // ByteSource.
  [[nodiscard]] Result<std::vector<std::uint64_t>> integers(TiffTag tag) const;
  [[nodiscard]] Result<std::vector<double>> doubles(TiffTag tag) const;
  /// Printable ASCII and line feeds, without the one NUL at its end. Errors: also "tiff-text".
  [[nodiscard]] Result<std::optional<std::string>> text(TiffTag tag) const;

  /// The first value of a tag that must be there ("tiff-tag-missing"), or `absent` when the tag may
  /// be left out.
  [[nodiscard]] Result<std::uint64_t> integer(TiffTag tag,
                                              std::optional<std::uint64_t> absent = {}) const;
  template <std::size_t N>
  [[nodiscard]] Result<std::optional<std::array<double, N>>> doubles_of(TiffTag tag) const {
    HANGU_TRY(const auto values, doubles(tag));
    std::optional<std::array<double, N>> out;
    if (values.size() == N) std::ranges::copy(values, out.emplace().begin());
    return out;
  }

 private:
  struct Entry {
    std::uint16_t tag = 0;
    std::uint16_t type = 0;
    std::uint64_t count = 0;
    std::uint64_t offset = 0;  ///< of the values in the file
  };

  TiffDirectory(const ByteSource& source, Coverage& coverage)
      : source_(&source), coverage_(&coverage) {}
  [[nodiscard]] Result<std::uint64_t> read_header();
  [[nodiscard]] Done read_entries(std::uint64_t at);
  [[nodiscard]] Done read_entry(ByteView raw, std::uint64_t place);
  [[nodiscard]] const Entry* find(TiffTag tag) const;
  [[nodiscard]] Result<Bytes> raw(const Entry& entry) const;

  const ByteSource* source_;
  Coverage* coverage_;
  bool big_ = false;
  std::vector<Entry> entries_;  ///< by rising tag
};

}  // namespace hangu::check
