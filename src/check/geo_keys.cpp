// GeoKeys, read into CrsFacts and compared with plain form's CRS.

#include <algorithm>
#include <cmath>

#include "check/crs_facts.hpp"
#include "plain/crs_text.hpp"

namespace hangu::check {
namespace {

constexpr std::uint16_t kUserDefined = 32767;
constexpr std::uint16_t kDegree = 9102;
constexpr std::uint16_t kMetre = 9001;

enum Key : std::uint16_t {
  kModelType = 1024,
  kRasterType = 1025,
  kGeodeticCrs = 2048,
  kDatum = 2050,
  kAngularUnits = 2054,
  kEllipsoid = 2056,
  kSemiMajor = 2057,
  kSemiMinor = 2058,
  kInverseFlattening = 2059,
  kPrimeMeridian = 2061,
  kProjectedCrs = 3072,
  kConversion = 3074,
  kMethod = 3075,
  kLinearUnits = 3076,
};

/// 2062 is what GDAL writes for the shift to WGS 84 (three or seven numbers).
constexpr auto kPermitted = std::to_array<std::uint16_t>(
    {1024, 1025, 1026, 2048, 2049, 2050, 2054, 2056, 2057, 2058, 2059, 2061,
     2062, 3072, 3073, 3074, 3075, 3076, 3078, 3079, 3080, 3081, 3082, 3083,
     3084, 3085, 3086, 3087, 3088, 3089, 3090, 3091, 3092, 3093, 3095});
constexpr auto kCitations = std::to_array<std::uint16_t>({1026, 2049, 3073});

std::unexpected<Error> wrong(std::string context) {
  return fail(ErrorCode::malformed, "tiff-geo-keys", std::move(context));
}
std::unexpected<Error> differs(std::string context) {
  return fail(ErrorCode::malformed, "rendition-crs-differs", std::move(context));
}
std::unexpected<Error> not_comparable(std::string context) {
  return fail(ErrorCode::exhausted, "crs-not-comparable", std::move(context));
}

const GeoKey* find(const Tiff& tiff, std::uint16_t id) {
  const auto found = std::ranges::find(tiff.geo_keys, id, &GeoKey::id);
  return found == tiff.geo_keys.end() ? nullptr : &*found;
}

/// The code of a key that holds a number; nothing when it is not there.
std::optional<std::uint16_t> code_of(const Tiff& tiff, std::uint16_t id) {
  const GeoKey* const key = find(tiff, id);
  if (key == nullptr || key->location != 0) return std::nullopt;
  return key->value;
}

std::optional<double> real_of(const Tiff& tiff, std::uint16_t id) {
  const GeoKey* const key = find(tiff, id);
  if (key == nullptr || key->location != 34736 || key->count != 1) return std::nullopt;
  return tiff.geo_doubles[key->value];
}

Done check_list(const Tiff& tiff) {
  for (const GeoKey& key : tiff.geo_keys) {
    const std::string name = "key " + std::to_string(key.id);
    if (std::ranges::find(kPermitted, key.id) == kPermitted.end()) return wrong(name);
    const bool text = std::ranges::find(kCitations, key.id) != kCitations.end();
    if (text != (key.location == 34737)) return wrong(name + ": type");
  }
  const bool finite =
      std::ranges::all_of(tiff.geo_doubles, [](double v) { return std::isfinite(v); });
  if (!finite) return wrong("not finite");
  const auto raster_type = code_of(tiff, kRasterType);
  if (raster_type && *raster_type != 1) return wrong("cells are areas here, not points");
  return {};
}

Result<Projection> projection_of(std::uint16_t method) {
  switch (method) {
    case 1: return Projection::transverse_mercator;
    case 7: return Projection::mercator_1sp;
    case 8: return Projection::lambert_conformal_2sp;
    case 9: return Projection::lambert_conformal_1sp;
    case 10: return Projection::lambert_equal_area;
    case 11: return Projection::albers;
    case 15: return Projection::polar_stereographic;
    case 16: return Projection::oblique_stereographic;
    default: return not_comparable("projection method " + std::to_string(method));
  }
}

std::optional<double>& term(CrsFacts& facts, ProjectionTerm which) {
  return facts.terms[static_cast<std::size_t>(which)];
}

/// EPSG conversions 16001..16060 and 16101..16160: UTM zones, north and south.
bool read_utm(std::uint16_t conversion, CrsFacts& facts) {
  const bool south = conversion >= 16101 && conversion <= 16160;
  if (!south && (conversion < 16001 || conversion > 16060)) return false;
  const int zone = conversion - (south ? 16100 : 16000);
  facts.projection = Projection::transverse_mercator;
  term(facts, ProjectionTerm::latitude_of_origin) = 0;
  term(facts, ProjectionTerm::longitude_of_origin) = zone * 6 - 183;
  term(facts, ProjectionTerm::scale) = 0.9996;
  term(facts, ProjectionTerm::false_easting) = 500'000;
  term(facts, ProjectionTerm::false_northing) = south ? 10'000'000 : 0;
  return true;
}

Done read_terms(const Tiff& tiff, CrsFacts& facts) {
  using enum ProjectionTerm;
  struct Row {
    std::uint16_t key;
    ProjectionTerm term;
  };
  constexpr auto kRows = std::to_array<Row>({{3078, parallel_1},
                                             {3079, parallel_2},
                                             {3080, longitude_of_origin},
                                             {3081, latitude_of_origin},
                                             {3082, false_easting},
                                             {3083, false_northing},
                                             {3084, longitude_of_origin},
                                             {3085, latitude_of_origin},
                                             {3086, false_easting},
                                             {3087, false_northing},
                                             {3088, longitude_of_origin},
                                             {3089, latitude_of_origin},
                                             {3090, false_easting},
                                             {3091, false_northing},
                                             {3092, scale},
                                             {3093, scale},
                                             {3095, longitude_of_origin}});
  for (const Row& row : kRows) {
    if (find(tiff, row.key) == nullptr) continue;
    const auto value = real_of(tiff, row.key);
    auto& slot = term(facts, row.term);
    if (!value || slot) return wrong("key " + std::to_string(row.key));
    slot = value;
  }
  return {};
}

/// A registered base by its code, and the same numbers if it is spelled out too; else the numbers.
Done read_datum(const Tiff& tiff, CrsFacts& facts) {
  const std::uint16_t geodetic = code_of(tiff, kGeodeticCrs).value_or(kUserDefined);
  if (geodetic != kUserDefined) {
    const plain::CrsBase* const base = plain::crs_base(geodetic);
    if (base == nullptr) return differs("base EPSG:" + std::to_string(geodetic));
    facts.base = base->code;
    facts.semi_major = base->semi_major;
    facts.inverse_flattening = base->inverse_flattening;
  }
  const auto semi_major = real_of(tiff, kSemiMajor);
  const auto semi_minor = real_of(tiff, kSemiMinor);
  const auto inverse_flattening = real_of(tiff, kInverseFlattening);
  if (facts.base == 0 && !semi_major) return not_comparable("no ellipsoid among the keys");
  facts.semi_major = semi_major.value_or(facts.semi_major);
  facts.inverse_flattening = inverse_flattening.value_or(facts.inverse_flattening);
  facts.prime_meridian = real_of(tiff, kPrimeMeridian).value_or(0);
  if (semi_minor) {  // of a sphere, which has no inverse flattening
    const bool sphere = semi_minor == semi_major && inverse_flattening.value_or(0) == 0;
    if (!sphere || facts.base != 0) return not_comparable("semi-minor axis");
  } else if (facts.base == 0 && !inverse_flattening) {
    return not_comparable("no ellipsoid among the keys");
  }
  return {};
}

}  // namespace

Result<CrsFacts> read_geo_keys(const Tiff& tiff) {
  CrsFacts facts;
  HANGU_CHECK(read_datum(tiff, facts));
  if (code_of(tiff, kAngularUnits).value_or(kDegree) != kDegree) return not_comparable("unit");
  if (code_of(tiff, kModelType) == 2) return facts;
  if (code_of(tiff, kLinearUnits).value_or(kMetre) != kMetre) return not_comparable("unit");
  const auto conversion = code_of(tiff, kConversion);
  if (conversion && read_utm(*conversion, facts)) return facts;
  if (conversion && *conversion != kUserDefined) return not_comparable("conversion");
  const auto method = code_of(tiff, kMethod);
  if (!method) return wrong("no projection method");
  HANGU_TRY(facts.projection, projection_of(*method));
  HANGU_CHECK(read_terms(tiff, facts));
  return facts;
}

Done check_tiff_crs(const Tiff& tiff, const plain::Crs& crs) {
  HANGU_CHECK(check_list(tiff));
  const auto model = code_of(tiff, kModelType);
  const auto projected = code_of(tiff, kProjectedCrs);
  const auto geodetic = code_of(tiff, kGeodeticCrs);
  switch (crs.kind) {
    case plain::Crs::Kind::none: {
      const bool only_raster_type = std::ranges::all_of(
          tiff.geo_keys, [](const GeoKey& key) { return key.id == kRasterType; });
      return only_raster_type ? Done() : Done(differs("none expected"));
    }
    case plain::Crs::Kind::epsg: {
      const auto code = model == 1 ? projected : model == 2 ? geodetic : std::nullopt;
      const bool other = model == 2 ? projected.has_value() : geodetic.value_or(0) == kUserDefined;
      if (!code || *code != crs.code || *code == kUserDefined || other) {
        return differs(plain::to_text(crs) + " expected, code " +
                       (code ? std::to_string(*code) : std::string("none")) + " found");
      }
      // What a code means is not to be said again in other words.
      const bool spelled_out = std::ranges::any_of(tiff.geo_keys, [](const GeoKey& key) {
        return (key.id >= kConversion && key.id != kLinearUnits) || key.id == kDatum;
      });
      return spelled_out ? Done(wrong("a code and its terms")) : Done();
    }
    case plain::Crs::Kind::text: {
      const bool user_defined = (model == 1 && projected.value_or(0) == kUserDefined) ||
                                (model == 2 && geodetic.value_or(0) == kUserDefined);
      if (!user_defined) return differs("a system without a code expected");
      HANGU_TRY(const CrsFacts found, read_geo_keys(tiff));
      HANGU_TRY(const CrsFacts expected, read_wkt(crs.text));
      if (!found.agrees_with(expected)) return differs("terms");
      return {};
    }
  }
  return differs("kind");
}

}  // namespace hangu::check
