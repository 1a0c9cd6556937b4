#include "geo/geotiff_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include <gdal_priv.h>

#include "geo/crs.hpp"
#include "geo/descriptor_files.hpp"
#include "geo/gdal_session.hpp"
#include "os/file.hpp"
#include "plain/rules.hpp"
#include "plain/writer.hpp"

namespace hangu::geo {
namespace {

/// A file may hold so many times its own size in samples: more than Deflate (1032) and LZW can do.
constexpr std::uint64_t kExpansionMax = 2000;
constexpr std::uint64_t kExpansionFreeBytes = std::uint64_t{256} << 20;

std::unexpected<Error> refused(std::string_view reason, std::string what = {}) {
  return fail(ErrorCode::malformed, reason, std::move(what));
}

/// TIFF and BigTIFF in both byte orders.
Done check_magic(plain::Input input, std::uint64_t size) {
  constexpr auto kMagics =
      std::to_array<std::uint32_t>({0x4949'2a00, 0x4d4d'002a, 0x4949'2b00, 0x4d4d'002b});
  std::array<std::byte, 4> start{};
  if (size < start.size()) return refused("format-mismatch", "too short");
  HANGU_CHECK(input.read_at(0, start));
  if (std::ranges::find(kMagics, load_u32(start)) == kMagics.end()) {
    return refused("format-mismatch", "not a TIFF file");
  }
  return {};
}

Result<plain::SampleType> sample_type(GDALRasterBand& band) {
  const char* const pixel_type = band.GetMetadataItem("PIXELTYPE", "IMAGE_STRUCTURE");
  if (pixel_type != nullptr) return refused("raster-type-not-supported", pixel_type);
  switch (static_cast<int>(band.GetRasterDataType())) {
    case GDT_Byte: return plain::SampleType::u8;
    case GDT_UInt16: return plain::SampleType::u16;
    case GDT_Int16: return plain::SampleType::i16;
    case GDT_UInt32: return plain::SampleType::u32;
    case GDT_Int32: return plain::SampleType::i32;
    case GDT_Float32: return plain::SampleType::f32;
    case GDT_Float64: return plain::SampleType::f64;
    default:
      return refused("raster-type-not-supported", GDALGetDataTypeName(band.GetRasterDataType()));
  }
}

Result<plain::Colour> colour_of(GDALRasterBand& band) {
  switch (static_cast<int>(band.GetColorInterpretation())) {
    case GCI_Undefined: return plain::Colour::undefined;
    case GCI_GrayIndex: return plain::Colour::gray;
    case GCI_PaletteIndex: return plain::Colour::palette;
    case GCI_RedBand: return plain::Colour::red;
    case GCI_GreenBand: return plain::Colour::green;
    case GCI_BlueBand: return plain::Colour::blue;
    case GCI_AlphaBand: return plain::Colour::alpha;
    default:
      return refused("raster-colour-not-supported",
                     GDALGetColorInterpretationName(band.GetColorInterpretation()));
  }
}

Done check_mask(GDALRasterBand& band) {
  const int flags = band.GetMaskFlags();
  const bool plain =
      flags == GMF_ALL_VALID || flags == GMF_NODATA || flags == (GMF_PER_DATASET | GMF_ALPHA);
  return plain ? Done() : Done(refused("raster-mask-not-supported"));
}

Done check_scale(GDALRasterBand& band) {
  int has_scale = 0;
  int has_offset = 0;
  const double scale = band.GetScale(&has_scale);
  const double offset = band.GetOffset(&has_offset);
  if ((has_scale != 0 && scale != 1) || (has_offset != 0 && offset != 0)) {
    return refused("raster-scale-not-supported");
  }
  return {};
}

Result<plain::Band> band_of(GDALRasterBand& from) {
  HANGU_CHECK(check_mask(from));
  HANGU_CHECK(check_scale(from));
  plain::Band band;
  HANGU_TRY(band.colour, colour_of(from));
  int has_no_data = 0;
  const double no_data = from.GetNoDataValue(&has_no_data);
  if (has_no_data != 0) band.no_data = std::isnan(no_data) ? plain::canonical_nan() : no_data;
  return band;
}

Result<std::vector<plain::PaletteEntry>> palette_of(GDALRasterBand& band) {
  std::vector<plain::PaletteEntry> out;
  const GDALColorTable* const table = band.GetColorTable();
  if (table == nullptr) return refused("raster-colour-not-supported", "no palette");
  const int count = table->GetColorEntryCount();
  if (count < 1 || count > static_cast<int>(plain::kPaletteMax)) {
    return refused("raster-colour-not-supported", "size of the palette");
  }
  for (int i = 0; i < count; ++i) {
    const GDALColorEntry& entry = *table->GetColorEntry(i);
    const auto level = [](short value) {
      return static_cast<std::uint8_t>(std::clamp<short>(value, 0, 255));
    };
    out.push_back({level(entry.c1), level(entry.c2), level(entry.c3)});
  }
  return out;
}

Done read_georeference(GDALDataset& dataset, plain::Raster& raster) {
  std::array<double, 6> transform{};
  if (dataset.GetGeoTransform(transform.data()) == CE_None) {
    raster.transform = transform;
  } else if (dataset.GetGCPCount() > 0 || dataset.GetMetadata("RPC") != nullptr) {
    return refused("georeference-not-supported", "control points or a sensor model");
  }
  const OGRSpatialReference* const system = dataset.GetSpatialRef();
  if (system == nullptr || system->IsEmpty()) return {};
  HANGU_TRY(raster.crs, crs_of(*system));
  return check_for_geotiff(raster.crs);
}

Result<plain::Raster> raster_of(GDALDataset& dataset) {
  char** const several = dataset.GetMetadata("SUBDATASETS");
  if (several != nullptr && several[0] != nullptr) return refused("raster-several-images");
  const int bands = dataset.GetRasterCount();
  if (bands < 1 || dataset.GetRasterXSize() < 1 || dataset.GetRasterYSize() < 1) {
    return refused("raster-damaged", "no image");
  }
  if (bands > static_cast<int>(plain::kBandsMax)) {
    return fail(ErrorCode::exhausted, "plain-limit", "bands");
  }
  plain::Raster raster;
  raster.width = static_cast<std::uint32_t>(dataset.GetRasterXSize());
  raster.height = static_cast<std::uint32_t>(dataset.GetRasterYSize());
  HANGU_TRY(raster.sample, sample_type(*dataset.GetRasterBand(1)));
  for (int i = 1; i <= bands; ++i) {
    GDALRasterBand& from = *dataset.GetRasterBand(i);
    HANGU_TRY(const plain::SampleType sample, sample_type(from));
    if (sample != raster.sample) return refused("raster-type-not-supported", "bands differ");
    HANGU_TRY(const plain::Band band, band_of(from));
    raster.bands.push_back(band);
    if (band.colour == plain::Colour::palette) {
      HANGU_TRY(raster.palette, palette_of(from));
    }
  }
  HANGU_CHECK(read_georeference(dataset, raster));
  return raster;
}

Done check_expansion(const plain::Raster& raster, std::uint64_t file_bytes) {
  const double bytes = static_cast<double>(raster.width) * raster.height *
                       static_cast<double>(raster.bands.size() * plain::bytes_of(raster.sample));
  const double most = static_cast<double>(file_bytes) * kExpansionMax + kExpansionFreeBytes;
  return bytes <= most ? Done() : Done(fail(ErrorCode::exhausted, "raster-expands-too-far"));
}

/// Every NaN becomes the one that plain form takes.
template <class Float, class Word>
void make_nans_canonical(Bytes& samples, Word nan) {
  for (std::size_t i = 0; i < samples.size(); i += sizeof(Word)) {
    Word word;
    std::memcpy(&word, samples.data() + i, sizeof word);
    const Float value = std::bit_cast<Float>(word);
    if (value != value) std::memcpy(samples.data() + i, &nan, sizeof nan);
  }
}

Done copy_tiles(GDALDataset& dataset, const plain::Raster& raster, const GdalErrors& errors,
                plain::Writer& writer) {
  Bytes samples;
  plain::TilePlace place;
  for (place.row = 0; place.row < raster.tile_rows(); ++place.row) {
    for (place.column = 0; place.column < raster.tile_columns(); ++place.column) {
      const auto width = static_cast<int>(tile_width(raster, place));
      const auto height = static_cast<int>(tile_height(raster, place));
      samples.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                     plain::bytes_of(raster.sample));
      for (place.band = 0; place.band < raster.bands.size(); ++place.band) {
        GDALRasterBand& band = *dataset.GetRasterBand(static_cast<int>(place.band) + 1);
        const CPLErr result =
            band.RasterIO(GF_Read, static_cast<int>(place.column * plain::kTileSide),
                          static_cast<int>(place.row * plain::kTileSide), width, height,
                          samples.data(), width, height, band.GetRasterDataType(), 0, 0, nullptr);
        if (result != CE_None || errors.any()) return refused("raster-damaged", errors.first());
        if (raster.sample == plain::SampleType::f32) {
          make_nans_canonical<float>(samples, std::uint32_t{0x7fc0'0000});
        } else if (raster.sample == plain::SampleType::f64) {
          make_nans_canonical<double>(samples, std::uint64_t{0x7ff8'0000'0000'0000});
        }
        HANGU_CHECK(writer.tile({place, samples}));
      }
    }
  }
  return {};
}

}  // namespace

Result<Outcome> read_geotiff(plain::Input input, os::FdView output) {
  Outcome outcome;
  HANGU_TRY(outcome.input_bytes, input.size());
  HANGU_CHECK(check_magic(input, outcome.input_bytes));
  const GdalErrors errors;
  const GdalFile file("input.tif", input);
  constexpr const char* kDrivers[] = {"GTiff", nullptr};
  constexpr const char* kOptions[] = {"NUM_THREADS=1", "GEOREF_SOURCES=INTERNAL", nullptr};
  constexpr const char* kSiblings[] = {nullptr};
  const DatasetPointer dataset(
      GDALDataset::Open(file.path().c_str(), GDAL_OF_RASTER | GDAL_OF_READONLY | GDAL_OF_INTERNAL,
                        kDrivers, kOptions, kSiblings));
  if (dataset == nullptr) return refused("format-mismatch", errors.first());
  HANGU_TRY(const plain::Raster raster, raster_of(*dataset));
  if (errors.any()) return refused("raster-damaged", errors.first());
  HANGU_CHECK(check_expansion(raster, outcome.input_bytes));
  HANGU_TRY(plain::Writer writer,
            plain::Writer::create(output, {plain::DatasetKind::raster, 0}, input.companion()));
  HANGU_CHECK(writer.raster(raster));
  HANGU_CHECK(copy_tiles(*dataset, raster, errors, writer));
  HANGU_CHECK(file.good());
  HANGU_TRY(outcome.trailer, writer.finish());
  outcome.output_bytes = writer.stored_bytes();
  return outcome;
}

}  // namespace hangu::geo
