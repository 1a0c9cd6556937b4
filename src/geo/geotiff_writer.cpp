#include "geo/geotiff_writer.hpp"

#include <algorithm>
#include <cstring>

#include <gdal_priv.h>

#include "geo/crs.hpp"
#include "geo/descriptor_files.hpp"
#include "geo/gdal_session.hpp"
#include "os/file.hpp"
#include "plain/reader.hpp"

namespace hangu::geo {
namespace {

constexpr std::uint64_t kBigTiffBytes = 2'000'000'000;  ///< of samples; a classic file ends at 4 GB

std::unexpected<Error> unfit(std::string what) {
  return fail(ErrorCode::malformed, "format-unfit", std::move(what));
}

GDALDataType gdal_type(plain::SampleType type) {
  switch (type) {
    case plain::SampleType::u8: return GDT_Byte;
    case plain::SampleType::u16: return GDT_UInt16;
    case plain::SampleType::i16: return GDT_Int16;
    case plain::SampleType::u32: return GDT_UInt32;
    case plain::SampleType::i32: return GDT_Int32;
    case plain::SampleType::f32: return GDT_Float32;
    case plain::SampleType::f64: return GDT_Float64;
  }
  return GDT_Unknown;
}

GDALColorInterp gdal_colour(plain::Colour colour) {
  switch (colour) {
    case plain::Colour::undefined: return GCI_Undefined;
    case plain::Colour::gray: return GCI_GrayIndex;
    case plain::Colour::palette: return GCI_PaletteIndex;
    case plain::Colour::red: return GCI_RedBand;
    case plain::Colour::green: return GCI_GreenBand;
    case plain::Colour::blue: return GCI_BlueBand;
    case plain::Colour::alpha: return GCI_AlphaBand;
  }
  return GCI_Undefined;
}

bool begins_with_rgb(const plain::Raster& raster) {
  return raster.bands.size() >= 3 && raster.bands[0].colour == plain::Colour::red &&
         raster.bands[1].colour == plain::Colour::green &&
         raster.bands[2].colour == plain::Colour::blue;
}

CPLStringList options_of(const plain::Raster& raster) {
  CPLStringList options;
  for (const char* const option :
       {"TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "INTERLEAVE=BAND", "COMPRESS=DEFLATE",
        "ZLEVEL=1", "PREDICTOR=1", "NUM_THREADS=1", "SPARSE_OK=NO", "PROFILE=GDALGeoTIFF",
        "ENDIANNESS=LITTLE", "GEOTIFF_VERSION=1.1"}) {
    options.AddString(option);
  }
  const std::uint64_t bytes = std::uint64_t{raster.width} * raster.height * raster.bands.size() *
                              plain::bytes_of(raster.sample);
  options.AddString(bytes > kBigTiffBytes ? "BIGTIFF=YES" : "BIGTIFF=NO");
  const bool rgb = begins_with_rgb(raster);
  options.AddString(!raster.palette.empty() ? "PHOTOMETRIC=PALETTE"
                    : rgb                   ? "PHOTOMETRIC=RGB"
                                            : "PHOTOMETRIC=MINISBLACK");
  const std::size_t coloured = rgb ? 3 : 1;
  const bool alpha =
      raster.bands.size() == coloured + 1 && raster.bands.back().colour == plain::Colour::alpha;
  options.AddString(alpha ? "ALPHA=NON-PREMULTIPLIED" : "ALPHA=NO");
  return options;
}

/// The colours that TIFF says without being told.
plain::Colour usual_colour(const plain::Raster& raster, std::size_t band) {
  if (!raster.palette.empty()) return plain::Colour::palette;
  if (begins_with_rgb(raster) && band < 3) return raster.bands[band].colour;
  return band == 0 ? plain::Colour::gray : plain::Colour::undefined;
}

/// RasterOutput is the file that is being written.
class RasterOutput {
 public:
  RasterOutput(const plain::Raster& raster, const GdalFile& file, const GdalErrors& errors)
      : raster_(raster), file_(file), errors_(errors) {}

  Done create() {
    GDALDriver* const driver = GetGDALDriverManager()->GetDriverByName("GTiff");
    if (driver == nullptr) return fail(ErrorCode::internal, "gdal-failed", "no driver");
    dataset_.reset(driver->Create(file_.path().c_str(), static_cast<int>(raster_.width),
                                  static_cast<int>(raster_.height),
                                  static_cast<int>(raster_.bands.size()), gdal_type(raster_.sample),
                                  options_of(raster_).List()));
    HANGU_CHECK(good());
    if (dataset_ == nullptr) return fail(ErrorCode::internal, "gdal-failed", "create");
    HANGU_CHECK(set_georeference());
    HANGU_CHECK(set_bands());
    block_.resize(std::size_t{plain::kTileSide} * plain::kTileSide *
                  plain::bytes_of(raster_.sample));
    return good();
  }

  Done put(const plain::Tile& tile) {
    const std::size_t row_bytes =
        std::size_t{tile_width(raster_, tile.place)} * plain::bytes_of(raster_.sample);
    const std::size_t block_row = std::size_t{plain::kTileSide} * plain::bytes_of(raster_.sample);
    std::ranges::fill(block_, std::byte{0});
    for (std::size_t row = 0; row * row_bytes < tile.samples.size(); ++row) {
      std::memcpy(block_.data() + row * block_row, tile.samples.data() + row * row_bytes,
                  row_bytes);
    }
    GDALRasterBand& band = *dataset_->GetRasterBand(static_cast<int>(tile.place.band) + 1);
    if (band.WriteBlock(static_cast<int>(tile.place.column), static_cast<int>(tile.place.row),
                        block_.data()) != CE_None) {
      HANGU_CHECK(good());
      return fail(ErrorCode::internal, "gdal-failed", "write");
    }
    return good();
  }

  Done close() {
    dataset_.reset();
    return good();
  }

 private:
  /// What the file says first, then what GDAL says.
  [[nodiscard]] Done good() const {
    HANGU_CHECK(file_.good());
    return errors_.any() ? Done(fail(ErrorCode::internal, "gdal-failed", errors_.first())) : Done();
  }

  Done set_georeference() {
    if (raster_.transform) {
      std::array<double, 6> transform = *raster_.transform;
      if (dataset_->SetGeoTransform(transform.data()) != CE_None) return unfit("transform");
    }
    if (raster_.crs.kind == plain::Crs::Kind::none) return {};
    OGRSpatialReference system;
    HANGU_CHECK(load_crs(raster_.crs, system));
    return dataset_->SetSpatialRef(&system) == CE_None ? Done() : Done(unfit("CRS"));
  }

  Done set_bands() {
    const auto& first = raster_.bands[0].no_data;
    for (std::size_t i = 0; i < raster_.bands.size(); ++i) {
      GDALRasterBand& band = *dataset_->GetRasterBand(static_cast<int>(i) + 1);
      const plain::Band& wanted = raster_.bands[i];
      const bool same = wanted.no_data.has_value() == first.has_value() &&
                        (!first || std::bit_cast<std::uint64_t>(*wanted.no_data) ==
                                       std::bit_cast<std::uint64_t>(*first));
      if (!same) return unfit("no-data differs between bands");
      if (first && i == 0 && band.SetNoDataValue(*first) != CE_None) return unfit("no-data");
      if (wanted.colour == plain::Colour::palette) {
        HANGU_CHECK(set_palette(band));
      } else if (wanted.colour != usual_colour(raster_, i) &&
                 !(i == 0 && wanted.colour == plain::Colour::undefined)) {
        if (band.GetColorInterpretation() != gdal_colour(wanted.colour) &&
            band.SetColorInterpretation(gdal_colour(wanted.colour)) != CE_None) {
          return unfit("colour of a band");
        }
      }
    }
    return {};
  }

  Done set_palette(GDALRasterBand& band) const {
    GDALColorTable table;
    for (std::size_t i = 0; i < raster_.palette.size(); ++i) {
      const plain::PaletteEntry& entry = raster_.palette[i];
      const GDALColorEntry colour{entry.red, entry.green, entry.blue, 255};
      table.SetColorEntry(static_cast<int>(i), &colour);
    }
    return band.SetColorTable(&table) == CE_None ? Done() : Done(unfit("palette"));
  }

  const plain::Raster& raster_;
  const GdalFile& file_;
  const GdalErrors& errors_;
  DatasetPointer dataset_;
  Bytes block_;
};

}  // namespace

Result<Outcome> write_geotiff(plain::Input plain_form, os::FdView output,
                              std::uint64_t output_bytes_max) {
  HANGU_TRY(plain::Reader reader, plain::Reader::open(plain_form));
  if (reader.dataset().kind != plain::DatasetKind::raster) {
    return unfit("a " + std::string(to_text(reader.dataset().kind)) + " as GeoTIFF");
  }
  const GdalErrors errors;
  const GdalFile file("output.tif", output, output_bytes_max);
  std::optional<RasterOutput> raster;
  while (true) {  // ends: each record takes bytes of a finite file
    HANGU_TRY(const plain::Record record, reader.next());
    if (const auto* start = std::get_if<plain::RasterStart>(&record)) {
      raster.emplace(*start->raster, file, errors);
      HANGU_CHECK(raster->create());
    } else if (const auto* tile = std::get_if<plain::Tile>(&record)) {
      HANGU_CHECK(raster->put(*tile));
    } else if (const auto* trailer = std::get_if<plain::Trailer>(&record)) {
      HANGU_CHECK(raster->close());
      Outcome outcome;
      outcome.trailer = *trailer;
      HANGU_TRY(outcome.output_bytes, os::file_size(output));
      HANGU_TRY(outcome.input_bytes, plain_form.size());
      return outcome;
    }
  }
}

}  // namespace hangu::geo
