#include "flow/release_certificate.hpp"

#include "base/limits.hpp"

namespace hangu::flow {

wire::Json ReleaseCertificate::to_json() const {
  return wire::JsonObject{
      {"rendition", rendition.to_text()}, {"verdict", to_text(verdict)}, {"objects", objects}};
}

Result<ReleaseCertificate> ReleaseCertificate::parse(const wire::Json& json) {
  wire::Fields f(json, "certificate");
  const auto rendition =
      f.accept("rendition", crypto::ObjectDigest::parse(f.text("rendition", 120)));
  const auto verdict = f.accept("verdict", parse_verdict(f.text("verdict", 10)));
  wire::JsonArray objects = f.array("objects", kObjectsMax);
  HANGU_CHECK(f.finish());
  return ReleaseCertificate{*rendition, *verdict, std::move(objects)};
}

}  // namespace hangu::flow
