#include "plain/crs_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace hangu::plain {
namespace {

using enum CrsTerm;

constexpr auto kBases = std::to_array<CrsBase>({
    {4326, "WGS 84", "World Geodetic System 1984", "WGS 84", 6378137, 298.257223563},
    {4490, "China Geodetic Coordinate System 2000", "China 2000", "CGCS2000", 6378137,
     298.257222101},
    {4610, "Xian 1980", "Xian 1980", "IAG 1975", 6378140, 298.257},
    {4214, "Beijing 1954", "Beijing 1954", "Krassowsky 1940", 6378245, 298.3},
    {4555, "New Beijing", "New Beijing", "Krassowsky 1940", 6378245, 298.3},
    {4322, "WGS 72", "World Geodetic System 1972", "WGS 72", 6378135, 298.26},
    {4258, "ETRS89", "European Terrestrial Reference System 1989", "GRS 1980", 6378137,
     298.257222101},
    {4269, "NAD83", "North American Datum 1983", "GRS 1980", 6378137, 298.257222101},
    {4267, "NAD27", "North American Datum 1927", "Clarke 1866", 6378206.4, 294.978698213898},
    {4283, "GDA94", "Geocentric Datum of Australia 1994", "GRS 1980", 6378137, 298.257222101},
    {7844, "GDA2020", "Geocentric Datum of Australia 2020", "GRS 1980", 6378137, 298.257222101},
    {4284, "Pulkovo 1942", "Pulkovo 1942", "Krassowsky 1940", 6378245, 298.3},
    {4230, "ED50", "European Datum 1950", "International 1924", 6378388, 297},
    {4277, "OSGB36", "Ordnance Survey of Great Britain 1936", "Airy 1830", 6377563.396,
     299.3249646},
    {4612, "JGD2000", "Japanese Geodetic Datum 2000", "GRS 1980", 6378137, 298.257222101},
    {6668, "JGD2011", "Japanese Geodetic Datum 2011", "GRS 1980", 6378137, 298.257222101},
    {4301, "Tokyo", "Tokyo", "Bessel 1841", 6377397.155, 299.1528128},
    {4737, "Korea 2000", "Geocentric datum of Korea", "GRS 1980", 6378137, 298.257222101},
    {4674, "SIRGAS 2000", "Sistema de Referencia Geocentrico para las AmericaS 2000", "GRS 1980",
     6378137, 298.257222101},
    {4167, "NZGD2000", "New Zealand Geodetic Datum 2000", "GRS 1980", 6378137, 298.257222101},
});

constexpr std::uint32_t kWgs84 = 4326;

constexpr auto kOneOrigin = std::to_array<CrsParameter>({
    {latitude, "Latitude of natural origin", 8801},
    {longitude, "Longitude of natural origin", 8802},
    {scale, "Scale factor at natural origin", 8805},
    {easting, "False easting", 8806},
    {northing, "False northing", 8807},
});
constexpr auto kOneOriginUnscaled = std::to_array<CrsParameter>({
    {latitude, "Latitude of natural origin", 8801},
    {longitude, "Longitude of natural origin", 8802},
    {easting, "False easting", 8806},
    {northing, "False northing", 8807},
});
constexpr auto kTwoParallels = std::to_array<CrsParameter>({
    {latitude, "Latitude of false origin", 8821},
    {longitude, "Longitude of false origin", 8822},
    {parallel_1, "Latitude of 1st standard parallel", 8823},
    {parallel_2, "Latitude of 2nd standard parallel", 8824},
    {easting, "Easting at false origin", 8826},
    {northing, "Northing at false origin", 8827},
});

struct MethodRow {
  CrsMethod method;
  std::string_view name;
  int code;               ///< EPSG
  std::string_view word;  ///< PROJ's
  std::span<const CrsParameter> parameters;
};
constexpr auto kMethods = std::to_array<MethodRow>({
    {CrsMethod::transverse_mercator, "Transverse Mercator", 9807, "tmerc", kOneOrigin},
    {CrsMethod::mercator_1sp, "Mercator (variant A)", 9804, "merc", kOneOrigin},
    {CrsMethod::lambert_conformal_1sp, "Lambert Conic Conformal (1SP)", 9801, "lcc", kOneOrigin},
    {CrsMethod::lambert_conformal_2sp, "Lambert Conic Conformal (2SP)", 9802, "lcc", kTwoParallels},
    {CrsMethod::lambert_equal_area, "Lambert Azimuthal Equal Area", 9820, "laea",
     kOneOriginUnscaled},
    {CrsMethod::albers, "Albers Equal Area", 9822, "aea", kTwoParallels},
    {CrsMethod::polar_stereographic, "Polar Stereographic (variant A)", 9810, "stere", kOneOrigin},
    {CrsMethod::oblique_stereographic, "Oblique Stereographic", 9809, "sterea", kOneOrigin},
});
constexpr auto kWords = std::to_array<std::string_view>(
    {"lat_0", "lon_0", "k", "lat_1", "lat_2", "x_0", "y_0"});  // in the order of CrsTerm

constexpr std::string_view kMetre = "LENGTHUNIT[\"metre\",1]";
constexpr std::string_view kDegree = "ANGLEUNIT[\"degree\",0.0174532925199433]";
constexpr std::string_view kUnity = "SCALEUNIT[\"unity\",1]";
constexpr std::string_view kProjectedHead = "PROJCRS[\"unknown\",BASEGEOGCRS[";
constexpr std::string_view kGeographicHead = "GEOGCRS[";
constexpr std::string_view kUnknownDatum = "\"unknown\",DATUM[\"unknown\",ELLIPSOID[\"unknown\",";
constexpr std::string_view kConversionHead = "],CONVERSION[\"unknown\",METHOD[\"";

const MethodRow& row_of(CrsMethod method) {
  const auto* const row = std::ranges::find(kMethods, method, &MethodRow::method);
  HANGU_ASSERT(row != kMethods.end());
  return *row;
}

std::string_view unit_of(CrsTerm term) {
  if (term == scale) return kUnity;
  return term == easting || term == northing ? kMetre : kDegree;
}

/// The shortest decimal number that is read as `value`, without an exponent.
std::string number(double value) {
  std::array<char, 64> text{};
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  HANGU_ASSERT(error == std::errc());
  return {text.data(), end};
}

bool is_in(double value, double most) {
  const double size = std::abs(value);
  return size <= most && (size >= kCrsNumberMin || (value == 0 && !std::signbit(value)));
}

bool is_term(CrsTerm term, double value) {
  switch (term) {
    case latitude:
    case parallel_1:
    case parallel_2: return is_in(value, 90);
    case longitude: return is_in(value, 360);
    case scale: return is_in(value, 100) && value > 0;
    case easting:
    case northing: return is_in(value, kCrsMetresMax);
  }
  return false;
}

bool is_good(const CrsNumbers& n) {
  std::array<bool, kCrsTerms> has{};
  if (n.method != CrsMethod::none) {
    for (const CrsParameter& parameter : row_of(n.method).parameters) {
      has[static_cast<std::size_t>(parameter.term)] = true;
      if (!is_term(parameter.term, n[parameter.term])) return false;
    }
  }
  for (std::size_t i = 0; i < kCrsTerms; ++i) {
    if (!has[i] && n.terms[i] != 0) return false;
  }
  if (n.base != 0) {
    const CrsBase* const base = crs_base(n.base);
    return base != nullptr && registered_code(n) == 0 && n.semi_major == base->semi_major &&
           n.inverse_flattening == base->inverse_flattening && n.prime_meridian == 0;
  }
  return is_in(n.semi_major, kCrsMetresMax) && n.semi_major >= 1 &&
         is_in(n.inverse_flattening, kCrsMetresMax) &&
         (n.inverse_flattening == 0 || n.inverse_flattening > 1) && is_in(n.prime_meridian, 180);
}

/// From the name to the prime meridian.
std::string datum_text(const CrsNumbers& n) {
  const CrsBase* const base = crs_base(n.base);
  std::string out(kUnknownDatum);
  if (base != nullptr) {
    out = '"' + std::string(base->name) + "\",DATUM[\"" + std::string(base->datum) +
          "\",ELLIPSOID[\"" + std::string(base->ellipsoid) + "\",";
  }
  out += number(n.semi_major) + ',' + number(n.inverse_flattening) + ',';
  out += kMetre;
  out += n.prime_meridian == 0 ? "]],PRIMEM[\"Greenwich\"," : "]],PRIMEM[\"unknown\",";
  out += number(n.prime_meridian) + ',';
  out += kDegree;
  out += ']';
  if (base != nullptr) out += ",ID[\"EPSG\"," + std::to_string(base->code) + ']';
  return out;
}

std::string conversion_text(const CrsNumbers& n) {
  const MethodRow& row = row_of(n.method);
  std::string out(kConversionHead);
  out += std::string(row.name) + "\",ID[\"EPSG\"," + std::to_string(row.code) + "]]";
  for (const CrsParameter& parameter : row.parameters) {
    out += ",PARAMETER[\"" + std::string(parameter.name) + "\"," + number(n[parameter.term]) + ',';
    out += unit_of(parameter.term);
    out += ",ID[\"EPSG\"," + std::to_string(parameter.code) + "]]";
  }
  return out + ']';
}

/// Scanner takes a text apart from its front.
class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  /// Skips to what follows `word`.
  bool skip_past(std::string_view word) {
    const std::size_t at = rest_.find(word);
    if (at == std::string_view::npos) return false;
    rest_.remove_prefix(at + word.size());
    return true;
  }
  bool real(double& to) {
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), to);
    if (error != std::errc()) return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

 private:
  std::string_view rest_;
};

bool scan_datum(Scanner& text, CrsNumbers& n) {
  if (text.take(kUnknownDatum)) {
    return text.real(n.semi_major) && text.take(",") && text.real(n.inverse_flattening) &&
           text.skip_past("PRIMEM[\"") && text.skip_past("\",") && text.real(n.prime_meridian);
  }
  const auto* const base = std::ranges::find_if(kBases, [&](const CrsBase& one) {
    return text.take('"' + std::string(one.name) + "\",DATUM[");
  });
  if (base == kBases.end()) return false;
  n.base = base->code;
  n.semi_major = base->semi_major;
  n.inverse_flattening = base->inverse_flattening;
  return true;
}

bool scan_conversion(Scanner& text, CrsNumbers& n) {
  if (!text.skip_past(kConversionHead)) return false;
  const auto* const row = std::ranges::find_if(
      kMethods, [&](const MethodRow& one) { return text.take(std::string(one.name) + "\","); });
  if (row == kMethods.end()) return false;
  n.method = row->method;
  return std::ranges::all_of(row->parameters, [&](const CrsParameter& parameter) {
    return text.skip_past("PARAMETER[\"" + std::string(parameter.name) + "\",") &&
           text.real(n[parameter.term]);
  });
}

}  // namespace

std::span<const CrsBase> crs_bases() { return kBases; }

const CrsBase* crs_base(std::uint32_t code) {
  const auto* const base = std::ranges::find(kBases, code, &CrsBase::code);
  return base == kBases.end() ? nullptr : base;
}

std::string_view crs_method_name(CrsMethod method) { return row_of(method).name; }
std::span<const CrsParameter> crs_parameters(CrsMethod method) { return row_of(method).parameters; }

CrsMethod crs_method(std::string_view name) {
  const auto* const row = std::ranges::find(kMethods, name, &MethodRow::name);
  return row == kMethods.end() ? CrsMethod::none : row->method;
}

int utm_zone(const CrsNumbers& n) {
  const double meridian = n[longitude];
  const bool south = n[northing] == 10'000'000;
  const bool named = n.method == CrsMethod::transverse_mercator && n[latitude] == 0 &&
                     n[scale] == 0.9996 && n[easting] == 500'000 && (south || n[northing] == 0) &&
                     meridian >= -177 && meridian <= 177 && std::remainder(meridian + 177, 6) == 0;
  if (!named) return 0;
  const int zone = static_cast<int>((meridian + 183) / 6);
  return south ? -zone : zone;
}

std::uint32_t registered_code(const CrsNumbers& n) {
  if (n.method == CrsMethod::none) return n.base;
  const int zone = n.base == kWgs84 ? utm_zone(n) : 0;
  if (zone == 0) return 0;
  return static_cast<std::uint32_t>(zone > 0 ? 32'600 + zone : 32'700 - zone);
}

Result<std::string> to_wkt(const CrsNumbers& numbers) {
  if (!is_good(numbers)) return fail(ErrorCode::malformed, "crs-numbers");
  const bool projected = numbers.method != CrsMethod::none;
  std::string out(projected ? kProjectedHead : kGeographicHead);
  out += datum_text(numbers);
  if (projected) {
    out += conversion_text(numbers);
    out += ",CS[Cartesian,2],AXIS[\"easting\",east,ORDER[1]],AXIS[\"northing\",north,ORDER[2]],";
    out += kMetre;
  } else {
    out += ",CS[ellipsoidal,2],AXIS[\"longitude\",east,ORDER[1]],";
    out += "AXIS[\"latitude\",north,ORDER[2]],";
    out += kDegree;
  }
  out += ']';
  HANGU_ASSERT(out.size() <= kCrsTextBytesMax);
  return out;
}

Result<CrsNumbers> read_crs_text(std::string_view text) {
  const auto bad = [] { return fail(ErrorCode::malformed, "crs-text", "not in its one spelling"); };
  if (text.size() > kCrsTextBytesMax) return bad();
  Scanner scanner(text);
  CrsNumbers numbers;
  const bool projected = scanner.take(kProjectedHead);
  if (!projected && !scanner.take(kGeographicHead)) return bad();
  if (!scan_datum(scanner, numbers)) return bad();
  if (projected && !scan_conversion(scanner, numbers)) return bad();
  // The scanner is easy-going; the one spelling of what it found is not.
  const auto again = to_wkt(numbers);
  if (!again || *again != text) return bad();
  return numbers;
}

std::string crs_summary(const CrsNumbers& numbers) {
  std::string out = "longlat";
  if (numbers.method != CrsMethod::none) {
    const MethodRow& row = row_of(numbers.method);
    out = row.word;
    for (const CrsParameter& parameter : row.parameters) {
      out += ' ';
      out += kWords[static_cast<std::size_t>(parameter.term)];
      out += '=' + number(numbers[parameter.term]);
    }
  }
  if (numbers.base != 0) return out + " on EPSG:" + std::to_string(numbers.base);
  return out + " on a=" + number(numbers.semi_major) + " rf=" + number(numbers.inverse_flattening) +
         " pm=" + number(numbers.prime_meridian);
}

}  // namespace hangu::plain
