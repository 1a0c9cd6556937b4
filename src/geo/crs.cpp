#include "geo/crs.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <ogr_spatialref.h>

#include "base/text.hpp"
#include "plain/crs_text.hpp"
#include "wire/json.hpp"

namespace hangu::geo {
namespace {

using plain::CrsMethod;
using plain::CrsNumbers;
using plain::CrsTerm;
using wire::Json;

constexpr std::uint32_t kGeoKeyCodeMax = 32'766;  ///< 32767 says that there is no code
constexpr std::size_t kSourceTextBytesMax = 32 * 1024;
constexpr std::size_t kJsonBytesMax = 256 * 1024;
/// So much may a number differ from the registered one: what 15 digits keep.
constexpr double kSameNumber = 1e-14;

std::unexpected<Error> not_supported(std::string what) {
  return fail(ErrorCode::malformed, "crs-not-supported", std::move(what));
}

constexpr const char* kWkt2Options[] = {"FORMAT=WKT2_2019", "MULTILINE=NO", nullptr};
constexpr const char* kWkt1Options[] = {"FORMAT=WKT1_GDAL", "MULTILINE=NO", nullptr};
constexpr const char* kJsonOptions[] = {"MULTILINE=NO", nullptr};
constexpr const char* kSameOptions[] = {"IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", nullptr};
constexpr const char* kClosedOptions[] = {"ALLOW_NETWORK_ACCESS=NO", "ALLOW_FILE_ACCESS=NO",
                                          nullptr};

/// The text of an export, or empty when it cannot be made.
std::string exported(const OGRSpatialReference& system, const char* const* options) {
  char* text = nullptr;
  const OGRErr error = system.exportToWkt(&text, options);
  std::string out = error == OGRERR_NONE && text != nullptr ? text : "";
  CPLFree(text);
  return out;
}

/// What PROJ understood of a system.
Result<Json> described(const OGRSpatialReference& system) {
  char* text = nullptr;
  const OGRErr error = system.exportToPROJJSON(&text, kJsonOptions);
  const std::string out = error == OGRERR_NONE && text != nullptr ? text : "";
  CPLFree(text);
  auto parsed = Json::parse(out, kJsonBytesMax);
  if (!parsed) return not_supported("it cannot be described");
  return parsed;
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

bool is_epsg(const OGRSpatialReference& system, std::uint32_t code) {
  OGRSpatialReference known;
  return known.importFromEPSG(static_cast<int>(code)) == OGRERR_NONE &&
         system.IsSame(&known, kSameOptions);
}

/// The first text in quotes.
std::string name_in(const std::string& wkt) {
  const std::size_t begin = wkt.find('"');
  const std::size_t end = begin == std::string::npos ? begin : wkt.find('"', begin + 1);
  return end == std::string::npos ? "unnamed" : wkt.substr(begin + 1, end - begin - 1);
}

// --- Members of PROJ's description --------------------------------------------------------------

const Json& member(const Json& of, std::string_view key) {
  static const Json kNone;
  const Json* const found = of.find(key);
  return found == nullptr ? kNone : *found;
}

std::string_view text_of(const Json& of, std::string_view key) {
  const std::string* const text = member(of, key).as_string();
  return text == nullptr ? std::string_view() : *text;
}

/// A length: a number of metres. (Other units stand in an object.)
Result<double> metres(const Json& value) {
  const auto number = value.as_double();
  if (!number) return not_supported("an ellipsoid in other units than metres");
  return *number;
}

std::string folded(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

Done read_datum(const Json& geographic, CrsNumbers& to) {
  const Json& datum = geographic.find("datum") != nullptr ? member(geographic, "datum")
                                                          : member(geographic, "datum_ensemble");
  const Json& ellipsoid = member(datum, "ellipsoid");
  if (const Json* const radius = ellipsoid.find("radius")) {
    HANGU_TRY(to.semi_major, metres(*radius));
  } else {
    HANGU_TRY(to.semi_major, metres(member(ellipsoid, "semi_major_axis")));
    if (const Json* const minor = ellipsoid.find("semi_minor_axis")) {
      HANGU_TRY(const double semi_minor, metres(*minor));
      const double difference = to.semi_major - semi_minor;
      to.inverse_flattening = difference == 0 ? 0 : to.semi_major / difference;
    } else {
      HANGU_TRY(to.inverse_flattening, metres(member(ellipsoid, "inverse_flattening")));
    }
  }
  const Json& meridian = member(datum, "prime_meridian");
  if (meridian.is_null()) return {};
  const auto degrees = member(meridian, "longitude").as_double();
  if (!degrees) return not_supported("a prime meridian in other units than degrees");
  to.prime_meridian = *degrees;
  return {};
}

/// Two axes, in `unit`, that go east and north (near a pole: both south, or both north).
Done check_axes(const Json& system, std::string_view unit, bool polar) {
  const wire::JsonArray* const axes =
      member(member(system, "coordinate_system"), "axis").as_array();
  if (axes == nullptr || axes->size() != 2) return not_supported("not two axes");
  for (const Json& axis : *axes) {
    if (text_of(axis, "unit") != unit) {
      return not_supported("axes in other units than " + std::string(unit) + "s");
    }
  }
  const std::string_view first = text_of((*axes)[0], "direction");
  const std::string_view second = text_of((*axes)[1], "direction");
  const bool usual =
      (first == "east" && second == "north") || (first == "north" && second == "east");
  const bool about_a_pole = polar && first == second && (first == "north" || first == "south");
  if (!usual && !about_a_pole) return not_supported("axes that do not go east and north");
  return {};
}

std::string_view unit_name(CrsTerm term) {
  if (term == CrsTerm::scale) return "unity";
  return term == CrsTerm::easting || term == CrsTerm::northing ? "metre" : "degree";
}

Done read_conversion(const Json& conversion, CrsNumbers& to) {
  const std::string_view method = text_of(member(conversion, "method"), "name");
  to.method = plain::crs_method(method);
  if (to.method == CrsMethod::none) return not_supported("projection " + printable(method, 60));
  const auto known = plain::crs_parameters(to.method);
  for (const plain::CrsParameter& parameter : known) {
    if (parameter.term == CrsTerm::scale) to[CrsTerm::scale] = 1;  // as WKT 1 has it unsaid
  }
  const wire::JsonArray* const parameters = member(conversion, "parameters").as_array();
  if (parameters == nullptr) return {};
  for (const Json& parameter : *parameters) {
    const std::string name = folded(text_of(parameter, "name"));
    const auto found = std::ranges::find(
        known, name, [](const plain::CrsParameter& one) { return folded(one.name); });
    const auto value = member(parameter, "value").as_double();
    if (found == known.end() || !value) return not_supported("parameter " + printable(name, 60));
    if (text_of(parameter, "unit") != unit_name(found->term)) {
      return not_supported("the unit of parameter " + name);
    }
    to[found->term] = *value;
  }
  return {};
}

bool is_near(double a, double b) { return std::abs(a - b) <= kSameNumber * std::abs(b); }

/// The code of the registered geographic system that `system` stands on; 0 when there is none on
/// the list.
std::uint32_t base_of(const OGRSpatialReference& system, const CrsNumbers& numbers) {
  const std::unique_ptr<OGRSpatialReference> geographic(system.CloneGeogCS());
  if (geographic == nullptr || numbers.prime_meridian != 0) return 0;
  for (const plain::CrsBase& base : plain::crs_bases()) {
    if (is_near(numbers.semi_major, base.semi_major) &&
        is_near(numbers.inverse_flattening, base.inverse_flattening) &&
        is_epsg(*geographic, base.code)) {
      return base.code;
    }
  }
  return 0;
}

/// A system without a code, by its numbers alone.
Result<plain::Crs> crs_by_numbers(const OGRSpatialReference& system, const Json& description) {
  const std::string_view kind = text_of(description, "type");
  CrsNumbers numbers;
  if (kind == "GeographicCRS") {
    HANGU_CHECK(check_axes(description, "degree", false));
    HANGU_CHECK(read_datum(description, numbers));
  } else if (kind == "ProjectedCRS") {
    const Json& base = member(description, "base_crs");
    HANGU_CHECK(check_axes(base, "degree", false));
    HANGU_CHECK(read_datum(base, numbers));
    HANGU_CHECK(read_conversion(member(description, "conversion"), numbers));
    const bool polar = std::abs(numbers[CrsTerm::latitude]) == 90;
    HANGU_CHECK(check_axes(description, "metre", polar));
  } else {
    return not_supported(kind.empty() ? "its kind" : printable(kind, 60));
  }
  numbers.base = base_of(system, numbers);
  if (const plain::CrsBase* const base = plain::crs_base(numbers.base)) {
    numbers.semi_major = base->semi_major;
    numbers.inverse_flattening = base->inverse_flattening;
  }
  const auto tidy = [](double& value) {
    if (std::abs(value) < plain::kCrsNumberMin) value = 0;
  };
  std::ranges::for_each(numbers.terms, tidy);
  tidy(numbers.prime_meridian);
  if (const std::uint32_t code = plain::registered_code(numbers); code != 0) {
    return plain::Crs{plain::Crs::Kind::epsg, code, {}};
  }
  auto text = plain::to_wkt(numbers);
  if (!text) return not_supported("a number is out of range");
  return plain::Crs{plain::Crs::Kind::text, 0, *std::move(text)};
}

}  // namespace

Result<plain::Crs> crs_of(const OGRSpatialReference& system) {
  HANGU_TRY(const Json description, described(system));
  if (text_of(description, "type") == "BoundCRS") {
    // A way to WGS 84 is no part of the system.
    OGRSpatialReference unbound;
    const std::string source = member(description, "source_crs").to_text();
    if (unbound.SetFromUserInput(source.c_str(), kClosedOptions) != OGRERR_NONE ||
        unbound.IsEmpty()) {
      return not_supported("its base");
    }
    HANGU_TRY(const Json inner, described(unbound));
    if (text_of(inner, "type") == "BoundCRS") return not_supported("bound twice");
    return crs_of(unbound);
  }
  if (const auto code = epsg_code(system); code && is_epsg(system, *code)) {
    return plain::Crs{plain::Crs::Kind::epsg, *code, {}};
  }
  return crs_by_numbers(system, description);
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
  if (wkt.size() > kSourceTextBytesMax || system.importFromWkt(wkt.c_str()) != OGRERR_NONE) {
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

Done check_for_geotiff(const plain::Crs& crs) {
  if (crs.kind == plain::Crs::Kind::none) return {};
  OGRSpatialReference system;
  HANGU_CHECK(load_crs(crs, system));
  const bool flat = (system.IsGeographic() || system.IsProjected()) && !system.IsCompound() &&
                    system.GetAxesCount() == 2;
  if (!flat) return not_supported(to_text(crs) + " is not a system of two axes");
  // What has no words in WKT 1 has none in GeoKeys: GDAL leaves the system out.
  if (crs.code > kGeoKeyCodeMax || exported(system, kWkt1Options).empty()) {
    return not_supported("no GeoTIFF can say " + to_text(crs));
  }
  if (crs.kind == plain::Crs::Kind::epsg || system.GetUTMZone() == 0) return {};
  // GDAL takes a meridian within 7 m for UTM's own, and would write the code of that.
  HANGU_TRY(const CrsNumbers numbers, plain::read_crs_text(crs.text));
  if (plain::utm_zone(numbers) != 0) return {};
  return not_supported("almost, but not quite, UTM: " + to_text(crs));
}

Result<CrsTexts> crs_texts(const plain::Crs& crs) {
  OGRSpatialReference system;
  HANGU_CHECK(load_crs(crs, system));
  CrsTexts texts;
  texts.wkt1 = exported(system, kWkt1Options);
  if (texts.wkt1.empty()) texts.wkt1 = "undefined";
  const bool is_text = crs.kind == plain::Crs::Kind::text;
  texts.wkt2 = is_text ? crs.text : exported(system, kWkt2Options);
  // Of a withdrawn code PROJ says another name itself than in its definition.
  texts.name = name_in(is_text || texts.wkt1 == "undefined" ? texts.wkt2 : texts.wkt1);
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
