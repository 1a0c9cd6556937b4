#pragma once
// Claims: what the sender says of the data, beside what was measured of it, for a reviewer. A claim
// that measuring plainly contradicts is marked; nothing is refused for it.

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "flow/submission.hpp"

namespace hangu::cli {

/// What inspect measured of one layer, raster or table.
struct MeasuredPart {
  std::string object;
  std::string part;              ///< layer's name; empty for a raster
  std::string shape;             ///< "polygon", "none" (rows), "raster"
  std::string crs;               ///< "EPSG:4490", "none", "tmerc … on EPSG:4490" (without a code)
  std::string count;             ///< "120 features", "4096x2048, 3 bands"
  wire::Json extent;             ///< [min x, min y, max x, max y] in units of the CRS, or null
  wire::Json ground_resolution;  ///< metres, or null
};
/// Errors: Malformed "review-facts" (not what inspect writes).
[[nodiscard]] Result<std::vector<MeasuredPart>> parse_measured(const wire::Json& facts);

/// A claim that does not agree with what was measured.
struct Contradiction {
  std::string claim;  ///< "crs", "label"
  std::string claimed;
  std::string measured;
  std::string where;  ///< "object" or "object: layer"; empty when it is about all
};
/// A claimed EPSG code against the system of every part that has one; the claimed label against
/// that which would go out. Product codes are free words of a catalogue: nothing can be said of
/// them without guessing.
[[nodiscard]] std::vector<Contradiction> contradictions(const flow::Submission& claimed,
                                                        const flow::Label& outgoing,
                                                        const std::vector<MeasuredPart>& measured);
[[nodiscard]] wire::Json to_json(const std::vector<Contradiction>& list);
/// {"label", "facts"} as the sender signed them.
[[nodiscard]] wire::Json claimed_json(const flow::Submission& claimed);

/// "公开 / 一般  bureau" with term and compartments, where there are any.
[[nodiscard]] std::string label_text(const Console& console, const flow::Label& label);
/// Lines for people: claimed label and facts, what was measured, and what contradicts.
void tell_claims(Console& console, const flow::Submission& claimed,
                 const std::vector<MeasuredPart>& measured,
                 const std::vector<Contradiction>& contradicting);

}  // namespace hangu::cli
