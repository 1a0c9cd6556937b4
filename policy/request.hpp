#pragma once
// Request: what is asked of policy, as a total record of typed values. What a record does not know,
// no permit with that column matches, and every forbid with it does.

#include <optional>
#include <vector>

#include "base/time.hpp"
#include "flow/label.hpp"
#include "policy/area.hpp"
#include "policy/names.hpp"

namespace hangu::policy {

/// Where data lies to the catalogue's area sets, by measured geometry. inside is part of touched.
struct Placement {
  NameSet inside;   ///< wholly
  NameSet touched;  ///< at least in part
};

/// All names are those of one catalogue.
struct Request {
  NameIndex from = 0;
  NameIndex to = 0;
  NameSet classes;  ///< every dataset class of the data; empty: not known
  flow::Secrecy secrecy = flow::Secrecy::top_secret;
  flow::DataGrade grade = flow::DataGrade::core;
  NameSet compartments;
  std::vector<Area> areas;              ///< empty: not known
  std::optional<Placement> placement;   ///< absent: not known
  std::optional<std::int64_t> scale;    ///< denominator, at least 1; absent: not known, or has none
  std::optional<WallTime> at;           ///< absent: the time is not known
  std::optional<NameIndex> node_level;  ///< of the submitting node; absent: not known
  std::optional<NameSet> roles;         ///< that the submitting node holds; absent: not known
};

}  // namespace hangu::policy
