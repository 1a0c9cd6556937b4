#pragma once
// Catalogue: every name that policy may use, signed by another role than the rules are.
// docs/protocols/policy.md §2.

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "flow/label.hpp"

namespace hangu::policy {

inline constexpr std::size_t kPolicyBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kNamesMax = 2000;

/// Something with an ASCII id and titles for people; rules may name it by any of the three.
struct Named {
  std::string id;
  std::string title_zh;
  std::string title_en;
};

struct ZoneTerms {
  Named name;
  flow::Secrecy ceiling_secrecy;  ///< nothing above may enter
  flow::DataGrade ceiling_grade;
};

struct DatasetClass {
  Named name;
  std::set<std::string> products;  ///< product codes that belong to the class
};

struct Catalogue {
  std::string id;
  std::uint32_t version = 0;
  std::vector<ZoneTerms> zones;
  std::vector<DatasetClass> datasets;
  std::vector<Named> roles;
  std::vector<Named> declassifiers;
  std::set<std::string> compartments;

  /// Errors: Malformed "config-syntax", "config-unknown-key", "config-value", "catalogue-twice",
  /// with line:column.
  [[nodiscard]] static Result<Catalogue> parse(std::string_view text);

  [[nodiscard]] const ZoneTerms* zone(std::string_view zone_id) const;
  /// Classes that a product belongs to.
  [[nodiscard]] std::set<std::string> classes_of(std::string_view product) const;
};

/// The entry of `list` with this id or title; nullptr when there is none.
[[nodiscard]] const Named* find_named(const std::vector<Named>& list, std::string_view text);
/// The known name nearest to `text` by edit distance (code points), for "did you mean".
[[nodiscard]] std::string nearest_name(const std::vector<Named>& list, std::string_view text);

}  // namespace hangu::policy
