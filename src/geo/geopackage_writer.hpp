#pragma once
// Plain form to GeoPackage, by own code: the same plain form gives the same bytes.
// docs/protocols/plain-form.md §6 says how it looks.

#include "geo/outcome.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"

namespace hangu::geo {

/// Writes a vector or table dataset to `output` (empty, open for reading and writing). Memory:
/// that of plain::Reader, and some tens of MiB for the index. Errors: those of plain::Reader;
/// Malformed "format-unfit" (a raster), "crs-not-supported"; Exhausted "output-limit"; writing.
[[nodiscard]] Result<Outcome> write_geopackage(plain::Input plain_form, os::FdView output,
                                               std::uint64_t output_bytes_max);

}  // namespace hangu::geo
