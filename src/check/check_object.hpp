#pragma once
// check_object: is a finished rendition exactly what plain form says, byte for byte accounted for
// and value for value the same?
//
// Nothing here shares code with what wrote the rendition: the walkers are check's own, SQLite sees
// a GeoPackage only after its pages have been walked, and GDAL never. What is shared is the
// definition of plain form (src/plain), of which the digest is made.

#include "check/byte_source.hpp"
#include "check/finding.hpp"
#include "plain/input.hpp"

namespace hangu::check {

/// What is checked. Both are borrowed.
struct CheckedObject {
  std::string name;
  std::string media_type;  ///< of the rendition
  const ByteSource& rendition;
  plain::Input plain_form;  ///< its companion, if it has one, hashes what the rendition says too
};

/// Checks one object, adding to its findings. A fault of the rendition or of the plain form is a
/// finding, not an Error; so is a limit or a failing disk (verdict error).
/// Memory: at most one record (64 MiB) in each of plain form and rendition, and some tens of MiB.
/// Thread: any, each with objects of its own; it takes a second one where there is one.
[[nodiscard]] Findings check_object(const CheckedObject& object);

/// One item of the release certificate's `objects`:
/// {"name", "format", "verdict", "reason", "checks": [{"check", "verdict", "reason", "measured"}]}.
[[nodiscard]] wire::Json certificate_item(const CheckedObject& object, const Findings& findings);

}  // namespace hangu::check
