#include "geo/gdal_session.hpp"

#include <array>

#include <cpl_conv.h>
#include <cpl_error.h>
#include <gdal_frmts.h>
#include <gdal_priv.h>
#include <ogr_spatialref.h>
#include <sqlite3.h>

#include "base/text.hpp"

namespace hangu::geo {
namespace {

struct Option {
  const char* name;
  const char* value;
};
constexpr auto kOptions = std::to_array<Option>({
    {"GDAL_CACHEMAX", "128"},  // MiB
    {"GDAL_NUM_THREADS", "1"},
    {"GDAL_PAM_ENABLED", "NO"},  // no side-car is read or written
    {"GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR"},
    {"GDAL_TIFF_INTERNAL_MASK", "NO"},
    {"PROJ_NETWORK", "OFF"},
    {"OSR_USE_NON_DEPRECATED", "NO"},  // a withdrawn code stays that code
    {"OGR_CT_FORCE_TRADITIONAL_GIS_ORDER", "NO"},
    {"CPL_TMPDIR", "/vsimem"},
    {"CPL_DEBUG", "OFF"},
});

/// Codes that many files use: geographic, and one projected.
constexpr auto kUsualCodes = std::to_array<int>({4326, 4490, 4479, 3857, 4547, 32650});
/// A code that no parent has asked for.
constexpr int kUnusualCode = 2000;

void look_up(int code) {
  OGRSpatialReference system;
  OGRSpatialReference again;
  if (system.importFromEPSG(code) != OGRERR_NONE || again.importFromEPSG(code) != OGRERR_NONE) {
    return;  // a machine without PROJ's database: reading says so, with the file's name
  }
  [[maybe_unused]] const int same = system.IsSame(&again);
}

void collect(CPLErr level, CPLErrorNum, const char* message) {
  if (level < CE_Failure) return;
  static_cast<GdalErrors*>(CPLGetErrorHandlerUserData())->note(message);
}

}  // namespace

void warm_up() {
  for (const Option& option : kOptions) CPLSetConfigOption(option.name, option.value);
  sqlite3_initialize();
  GDALRegister_GTiff();
  const GdalErrors quiet;
  for (const int code : kUsualCodes) look_up(code);
}

void warm_up_child() {
  const GdalErrors quiet;
  look_up(kUnusualCode);
}

GdalErrors::GdalErrors() { CPLPushErrorHandlerEx(collect, this); }
GdalErrors::~GdalErrors() { CPLPopErrorHandler(); }

void GdalErrors::note(const char* message) {
  if (!any_) first_ = printable(message);
  any_ = true;
}

void CloseDataset::operator()(GDALDataset* dataset) const { GDALClose(dataset); }

}  // namespace hangu::geo
