#pragma once
// Promise: a [[never]] table. Along every sequence of flows that the permits allow, over any number
// of zones, data that began at the origin is in `reach` only if its history has done what `unless`
// says. docs/protocols/policy.md §9.

#include <optional>
#include <string>

#include "flow/label.hpp"
#include "policy/names.hpp"

namespace hangu::policy {

inline constexpr std::size_t kPromisesMax = 1000;
inline constexpr std::size_t kPromisedDeclassifiersMax = 32;

/// Where data begins, and what it is: labels from these on, up to the highest.
struct Origin {
  NameSet zones;
  flow::Secrecy secrecy_min = flow::Secrecy::open;
  flow::DataGrade grade_min = flow::DataGrade::general;
  std::optional<NameSet> dataset;  ///< absent: any class
  NameSet within;                  ///< compartments that it has
  bool operator==(const Origin&) const = default;
};

struct Promise {
  std::string id;
  std::string title;
  std::string place;  ///< "line 12:1" in the policy file
  Origin origin;
  NameSet reach;            ///< zones, none of them an origin's
  NameSet declassified_by;  ///< unless all of these have run
  /// And this many people have approved it in one hop. Both absent: never at all.
  std::uint32_t approvals_min = 0;

  [[nodiscard]] bool is_absolute() const { return declassified_by.empty() && approvals_min == 0; }
};

}  // namespace hangu::policy
