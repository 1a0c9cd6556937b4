#pragma once
// Rule: a closed box over typed columns, plus obligations. No order, no priority, no expressions.
// docs/protocols/policy.md §3.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/calendar.hpp"
#include "policy/obligations.hpp"
#include "policy/request.hpp"

namespace hangu::policy {

enum class RuleKind : std::uint8_t { permit, forbid };

/// The columns of a box, as officers see them.
enum class Column : std::uint8_t {
  from,
  to,
  dataset,
  secrecy,
  grade,
  within,
  area,
  area_set,
  scale,
  when,
  node_level,
  role
};
[[nodiscard]] std::string_view to_chinese(Column column);
[[nodiscard]] std::string_view to_english(Column column);

/// Scale denominators, both ends included.
struct ScaleRange {
  std::int64_t finest = 1;
  std::int64_t coarsest = 1'000'000'000;
  bool operator==(const ScaleRange&) const = default;
};

/// Days of a calendar and hours of them (none: all day).
struct When {
  NameIndex calendar = 0;
  std::vector<Hours> hours;
  bool operator==(const When&) const = default;
};

/// An absent column matches anything. All names are those of one catalogue.
struct Box {
  std::optional<NameSet> from;
  std::optional<NameSet> to;
  std::optional<NameSet> dataset;
  std::optional<flow::Secrecy> secrecy;  ///< permit: at most; forbid: at least
  std::optional<flow::DataGrade> grade;  ///< permit: at most; forbid: at least
  std::optional<NameSet> within;         ///< compartments
  std::optional<std::vector<Area>> areas;
  std::optional<NameSet> area_sets;
  std::optional<ScaleRange> scale;
  std::optional<When> when;
  std::optional<NameSet> node_levels;
  std::optional<NameSet> roles;
};

struct Rule {
  RuleKind kind = RuleKind::permit;
  std::string id;
  std::string title;
  std::string place;  ///< "line 12:1" in the policy file
  Box box;
  Obligations obligations;  ///< permits only
};

/// The columns in which a permit does not hold the request: it must lie wholly inside each, by what
/// is known of it.
[[nodiscard]] std::vector<Column> failing_columns(const Box& box, const Request& request,
                                                  const std::vector<Calendar>& calendars);
/// True when none fails.
[[nodiscard]] bool permits(const Box& box, const Request& request,
                           const std::vector<Calendar>& calendars);
/// True when the request touches each column of a forbid, or may, as far as is known.
[[nodiscard]] bool forbids(const Box& box, const Request& request,
                           const std::vector<Calendar>& calendars);

}  // namespace hangu::policy
