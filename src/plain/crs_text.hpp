#pragma once
// The text of a coordinate reference system that has no code: numbers, and fixed words around them.
// It is WKT 2 (OGC 18-010r7) with one spelling: what has no number here, as names, remarks, scopes
// and areas, has no place in it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "plain/limits.hpp"

namespace hangu::plain {

enum class CrsMethod : std::uint8_t {
  none,  ///< geographic
  transverse_mercator,
  mercator_1sp,
  lambert_conformal_1sp,
  lambert_conformal_2sp,
  lambert_equal_area,
  albers,
  polar_stereographic,
  oblique_stereographic,
};

/// What a method may have; degrees, metres.
enum class CrsTerm : std::uint8_t {
  latitude,
  longitude,
  scale,
  parallel_1,
  parallel_2,
  easting,
  northing,
};
inline constexpr std::size_t kCrsTerms = 7;

/// A registered geographic system on which a system without a code may stand.
struct CrsBase {
  std::uint32_t code;  ///< EPSG
  std::string_view name;
  std::string_view datum;
  std::string_view ellipsoid;
  double semi_major;
  double inverse_flattening;
};
[[nodiscard]] std::span<const CrsBase> crs_bases();
/// Null when `code` is not on the list.
[[nodiscard]] const CrsBase* crs_base(std::uint32_t code);

/// CrsNumbers is all that such a system says.
struct CrsNumbers {
  CrsMethod method = CrsMethod::none;
  std::uint32_t base = 0;         ///< EPSG code of a CrsBase; 0 = only the three numbers below
  double semi_major = 0;          ///< metres; with a base its own, as the two below
  double inverse_flattening = 0;  ///< 0 for a sphere
  double prime_meridian = 0;      ///< degrees from Greenwich
  std::array<double, kCrsTerms> terms{};  ///< zero for those that the method has not

  [[nodiscard]] double& operator[](CrsTerm term) { return terms[static_cast<std::size_t>(term)]; }
  [[nodiscard]] double operator[](CrsTerm term) const {
    return terms[static_cast<std::size_t>(term)];
  }
  bool operator==(const CrsNumbers&) const = default;
};

/// The words of WKT for a method and its parameters.
struct CrsParameter {
  CrsTerm term;
  std::string_view name;
  int code;  ///< EPSG, of the parameter
};
[[nodiscard]] std::string_view crs_method_name(CrsMethod method);
[[nodiscard]] std::span<const CrsParameter> crs_parameters(CrsMethod method);
/// The method of a WKT 2 name; none when it is not on the list.
[[nodiscard]] CrsMethod crs_method(std::string_view name);

inline constexpr std::size_t kCrsSummaryBytesMax = 400;
inline constexpr double kCrsNumberMin = 1e-12;          ///< smaller ones are zero
inline constexpr double kCrsMetresMax = 1'000'000'000;  ///< of axes and offsets

/// The zone of Universal Transverse Mercator that the projection is, negative in the south; 0:
/// none.
[[nodiscard]] int utm_zone(const CrsNumbers& numbers);
/// The EPSG code of numbers whose system has one and which are therefore no text: a base alone, UTM
/// on WGS 84; 0 for all others.
[[nodiscard]] std::uint32_t registered_code(const CrsNumbers& numbers);

/// The text, at most kCrsTextBytesMax. Errors: Malformed "crs-numbers" (out of range; a base that
/// is not on the list or has other numbers; a system that has a registered_code()).
[[nodiscard]] Result<std::string> to_wkt(const CrsNumbers& numbers);
/// The numbers of a text that to_wkt() makes. Errors: Malformed "crs-text" (any other).
[[nodiscard]] Result<CrsNumbers> read_crs_text(std::string_view text);
/// For people, of numbers that to_wkt() takes, in the words of PROJ: "tmerc lat_0=0 lon_0=101 k=1
/// x_0=500000 y_0=0 on EPSG:4326".
[[nodiscard]] std::string crs_summary(const CrsNumbers& numbers);

}  // namespace hangu::plain
