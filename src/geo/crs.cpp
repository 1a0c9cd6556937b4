#include "geo/crs.hpp"

#include <charconv>

#include <ogr_spatialref.h>

#include "base/text.hpp"

namespace hangu::geo {
namespace {

std::unexpected<Error> not_supported(std::string what) {
  return fail(ErrorCode::malformed, "crs-not-supported", std::move(what));
}

constexpr const char* kWkt2Options[] = {"FORMAT=WKT2_2019", "MULTILINE=NO", nullptr};
constexpr const char* kWkt1Options[] = {"FORMAT=WKT1_GDAL", "MULTILINE=NO", nullptr};
constexpr const char* kSameOptions[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", nullptr};

/// The text of an export, or empty when it cannot be made.
std::string exported(const OGRSpatialReference& system, const char* const* options) {
  char* text = nullptr;
  const OGRErr error = system.exportToWkt(&text, options);
  std::string out = error == OGRERR_NONE && text != nullptr ? text : "";
  CPLFree(text);
  return out;
}

std::optional<std::uint32_t> epsg_code(const OGRSpatialReference& system) {
  const char* const authority = system.GetAuthorityName(nullptr);
  const char* const code = system.GetAuthorityCode(nullptr);
  if (authority == nullptr || code == nullptr || !EQUAL(authority, "EPSG")) return std::nullopt;
  std::uint32_t number = 0;
  const std::string_view text(code);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<plain::Crs> crs_of(const OGRSpatialReference& system) {
  if (const auto code = epsg_code(system)) {
    OGRSpatialReference known;
    if (known.importFromEPSG(static_cast<int>(*code)) == OGRERR_NONE &&
        system.IsSame(&known, kSameOptions)) {
      return plain::Crs{plain::Crs::Kind::epsg, *code, {}};
    }
  }
  std::string text = exported(system, kWkt2Options);
  if (text.empty() || text.size() > plain::kCrsTextBytesMax || !is_utf8(text)) {
    return not_supported("it has no code and no usable text");
  }
  return plain::Crs{plain::Crs::Kind::text, 0, std::move(text)};
}

Result<plain::Crs> crs_of_epsg(std::int64_t code) {
  OGRSpatialReference known;
  if (code < 1 || code > 999'999 || known.importFromEPSG(static_cast<int>(code)) != OGRERR_NONE) {
    return not_supported("EPSG:" + std::to_string(code));
  }
  return plain::Crs{plain::Crs::Kind::epsg, static_cast<std::uint32_t>(code), {}};
}

Result<plain::Crs> crs_of_wkt(const std::string& wkt) {
  OGRSpatialReference system;
  if (wkt.size() > plain::kCrsTextBytesMax || system.importFromWkt(wkt.c_str()) != OGRERR_NONE) {
    return not_supported(printable(wkt));
  }
  return crs_of(system);
}

Done load_crs(const plain::Crs& crs, OGRSpatialReference& system) {
  const OGRErr error = crs.kind == plain::Crs::Kind::epsg
                           ? system.importFromEPSG(static_cast<int>(crs.code))
                           : system.importFromWkt(crs.text.c_str());
  if (error != OGRERR_NONE) return not_supported(to_text(crs));
  system.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  return {};
}

Result<CrsTexts> crs_texts(const plain::Crs& crs) {
  OGRSpatialReference system;
  HANGU_CHECK(load_crs(crs, system));
  CrsTexts texts;
  const char* const name = system.GetName();
  texts.name = name == nullptr ? "unnamed" : name;
  texts.wkt1 = exported(system, kWkt1Options);
  if (texts.wkt1.empty()) texts.wkt1 = "undefined";
  texts.wkt2 = crs.kind == plain::Crs::Kind::text ? crs.text : exported(system, kWkt2Options);
  return texts;
}

std::optional<plain::CrsUnit> unit_of(const plain::Crs& crs) {
  OGRSpatialReference system;
  if (crs.kind == plain::Crs::Kind::none || !load_crs(crs, system)) return std::nullopt;
  if (system.IsGeographic()) return plain::CrsUnit{true, 1};
  if (!system.IsProjected()) return std::nullopt;
  const double metres = system.GetLinearUnits();
  if (!(metres > 0)) return std::nullopt;
  return plain::CrsUnit{false, metres};
}

}  // namespace hangu::geo
