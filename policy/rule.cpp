#include "policy/rule.hpp"

#include <algorithm>

namespace hangu::policy {
namespace {

bool is_during(const When& when, WallTime time, const std::vector<Calendar>& calendars) {
  return is_within(calendars[when.calendar], when.hours, time);
}

bool all_inside(const std::vector<Area>& areas, const std::vector<Area>& outer) {
  return !areas.empty() && std::ranges::all_of(areas, [&](const Area& area) {
    return std::ranges::any_of(outer, [&](const Area& one) { return area.is_inside(one); });
  });
}

bool any_touches(const std::vector<Area>& areas, const std::vector<Area>& others) {
  return areas.empty() || std::ranges::any_of(areas, [&](const Area& area) {
           return std::ranges::any_of(others, [&](const Area& one) { return area.touches(one); });
         });
}

/// Calls `fails` with each column that does not hold the request, until it returns false.
template <class Fails>
void walk_columns(const Box& b, const Request& r, const std::vector<Calendar>& calendars,
                  Fails fails) {
  const auto goes_on = [&](Column column, bool holds) { return holds || fails(column); };
  goes_on(Column::from, !b.from || b.from->contains(r.from)) &&
      goes_on(Column::to, !b.to || b.to->contains(r.to)) &&
      goes_on(Column::dataset,
              !b.dataset || (!r.classes.empty() && b.dataset->contains_all(r.classes))) &&
      goes_on(Column::secrecy, !b.secrecy || r.secrecy <= *b.secrecy) &&
      goes_on(Column::grade, !b.grade || r.grade <= *b.grade) &&
      goes_on(Column::within, !b.within || b.within->contains_all(r.compartments)) &&
      goes_on(Column::area, !b.areas || all_inside(r.areas, *b.areas)) &&
      goes_on(Column::area_set,
              !b.area_sets || (r.placement && b.area_sets->touches(r.placement->inside))) &&
      goes_on(Column::scale, !b.scale || (r.scale && b.scale->finest <= *r.scale &&
                                          *r.scale <= b.scale->coarsest)) &&
      goes_on(Column::when, !b.when || (r.at && is_during(*b.when, *r.at, calendars))) &&
      goes_on(Column::node_level,
              !b.node_levels || (r.node_level && b.node_levels->contains(*r.node_level))) &&
      goes_on(Column::role, !b.roles || (r.roles && b.roles->touches(*r.roles)));
}

}  // namespace

std::vector<Column> failing_columns(const Box& box, const Request& request,
                                    const std::vector<Calendar>& calendars) {
  std::vector<Column> out;
  walk_columns(box, request, calendars, [&](Column column) {
    out.push_back(column);
    return true;
  });
  return out;
}

bool permits(const Box& box, const Request& request, const std::vector<Calendar>& calendars) {
  bool all = true;
  walk_columns(box, request, calendars, [&](Column) { return all = false; });
  return all;
}

bool forbids(const Box& b, const Request& r, const std::vector<Calendar>& calendars) {
  return (!b.from || b.from->contains(r.from)) && (!b.to || b.to->contains(r.to)) &&
         (!b.dataset || r.classes.empty() || b.dataset->touches(r.classes)) &&
         (!b.secrecy || r.secrecy >= *b.secrecy) && (!b.grade || r.grade >= *b.grade) &&
         (!b.within || b.within->touches(r.compartments)) &&
         (!b.areas || any_touches(r.areas, *b.areas)) &&
         (!b.area_sets || !r.placement || b.area_sets->touches(r.placement->touched)) &&
         (!b.scale || !r.scale || (b.scale->finest <= *r.scale && *r.scale <= b.scale->coarsest)) &&
         (!b.when || !r.at || is_during(*b.when, *r.at, calendars)) &&
         (!b.node_levels || !r.node_level || b.node_levels->contains(*r.node_level)) &&
         (!b.roles || !r.roles || b.roles->touches(*r.roles));
}

std::string_view to_chinese(Column column) {
  switch (column) {
    case Column::from: return "来源区域";
    case Column::to: return "目的区域";
    case Column::dataset: return "数据类别";
    case Column::secrecy: return "密级";
    case Column::grade: return "数据级别";
    case Column::within: return "知悉范围";
    case Column::area: return "行政区划";
    case Column::area_set: return "区域集";
    case Column::scale: return "比例尺";
    case Column::when: return "时间";
    case Column::node_level: return "节点级别";
    case Column::role: return "岗位";
  }
  return "";
}

std::string_view to_english(Column column) {
  switch (column) {
    case Column::from: return "origin zone";
    case Column::to: return "destination zone";
    case Column::dataset: return "dataset class";
    case Column::secrecy: return "secrecy";
    case Column::grade: return "data grade";
    case Column::within: return "compartments";
    case Column::area: return "administrative area";
    case Column::area_set: return "area set";
    case Column::scale: return "scale";
    case Column::when: return "time";
    case Column::node_level: return "node level";
    case Column::role: return "role";
  }
  return "";
}

}  // namespace hangu::policy
