#pragma once
// GeoPackage to plain form, through SQLite and own code for everything above it: types are what
// the file says, never guessed or coerced.

#include "geo/outcome.hpp"
#include "os/descriptor.hpp"
#include "plain/input.hpp"

namespace hangu::geo {

/// Reads all layers (features and attributes) of `input` into plain form on `output`. Memory: one
/// feature and some tens of MiB. Errors: those of SqliteInput, read_schema() and plain::Writer;
/// Malformed "gpkg-value" (a value of another type than its column), "gpkg-geometry-srs".
[[nodiscard]] Result<Outcome> read_geopackage(plain::Input input, os::FdView output);

}  // namespace hangu::geo
