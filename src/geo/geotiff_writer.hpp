#pragma once
// Plain form to GeoTIFF, through GDAL's GTiff driver. docs/protocols/plain-form.md §6.

#include "geo/outcome.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"

namespace hangu::geo {

/// Writes a raster dataset to `output` (empty, open for reading and writing). Needs warm_up().
/// Errors: those of plain::Reader; Malformed "format-unfit" (no raster; no-data differs between
/// bands, which GeoTIFF cannot say), "crs-not-supported"; Exhausted "output-limit"; Internal
/// "gdal-failed"; those of writing.
[[nodiscard]] Result<Outcome> write_geotiff(plain::Input plain_form, os::FdView output,
                                            std::uint64_t output_bytes_max);

}  // namespace hangu::geo
