#pragma once
// Release certificate: what check measured of the finished rendition, and its verdict.

#include "flow/object_table.hpp"
#include "flow/stage.hpp"
#include "wire/json.hpp"

namespace hangu::flow {

struct ReleaseCertificate {
  crypto::ObjectDigest rendition;  ///< object table of what was checked
  Verdict verdict = Verdict::error;
  wire::JsonArray objects;  ///< per object: name, checks with measured values, verdict

  [[nodiscard]] wire::Json to_json() const;
  /// Errors: Malformed "field-…".
  [[nodiscard]] static Result<ReleaseCertificate> parse(const wire::Json& json);
};

}  // namespace hangu::flow
