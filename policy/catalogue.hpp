#pragma once
// Catalogue: every name that policy may use, signed by another role than the rules are.
// docs/protocols/policy.md §2.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "flow/label.hpp"
#include "policy/calendar.hpp"
#include "policy/names.hpp"

namespace hangu::policy {

inline constexpr std::size_t kPolicyBytesMax = std::size_t{8} << 20;  ///< of a catalogue, too

/// Nothing above may enter a zone.
struct Ceiling {
  flow::Secrecy secrecy = flow::Secrecy::open;
  flow::DataGrade grade = flow::DataGrade::general;
};

struct Catalogue {
  std::string id;
  std::uint32_t version = 0;
  NameList zones;
  std::vector<Ceiling> ceilings;                         ///< of each zone
  NameList datasets;                                     ///< dataset classes
  std::map<std::string, NameSet, std::less<>> products;  ///< product code: its classes
  NameList compartments;
  NameList roles;
  NameList node_levels;
  NameList declassifiers;
  NameList packs;  ///< rule packs
  NameList area_sets;
  std::vector<std::string> area_set_digests;  ///< of each, "sha256:<64 hex>": its geometry
  NameList calendars;
  std::vector<Calendar> calendar_days;  ///< of each calendar

  /// Errors: Malformed "config-syntax", "config-unknown-key", "config-value", "catalogue-twice",
  /// with line:column.
  [[nodiscard]] static Result<Catalogue> parse(std::string_view text);

  /// "<id>@<version>"
  [[nodiscard]] std::string name() const { return id + "@" + std::to_string(version); }
  /// Dataset classes that a product belongs to; none when it is not listed.
  [[nodiscard]] NameSet classes_of(std::string_view product) const;
};

}  // namespace hangu::policy
