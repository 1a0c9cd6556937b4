#pragma once
// GeoTIFF to plain form, through GDAL's GTiff driver alone.

#include "geo/outcome.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"

namespace hangu::geo {

/// Needs warm_up(). Memory: GDAL's cache (128 MiB), a block of the file, a tile. Errors: Malformed
/// "format-mismatch" (no TIFF, or none that the driver opens), "raster-damaged",
/// "raster-several-images", "raster-mask-not-supported", "raster-scale-not-supported",
/// "raster-type-not-supported", "raster-colour-not-supported", "georeference-not-supported",
/// "crs-not-supported"; Exhausted "raster-expands-too-far", "plain-limit"; those of plain::Writer.
[[nodiscard]] Result<Outcome> read_geotiff(plain::Input input, os::FdView output);

}  // namespace hangu::geo
