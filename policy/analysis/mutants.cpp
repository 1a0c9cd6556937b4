#include "policy/analysis/mutants.hpp"

#include <algorithm>
#include <array>

#include "policy/analysis/demand.hpp"
#include "policy/analysis/sentence.hpp"

namespace hangu::policy {
namespace {

constexpr std::array kColumnsInOrder{Column::from,    Column::to,         Column::dataset,
                                     Column::secrecy, Column::grade,      Column::within,
                                     Column::area,    Column::area_set,   Column::scale,
                                     Column::when,    Column::node_level, Column::role};
constexpr std::array kWithEnds{Column::secrecy, Column::grade, Column::within,
                               Column::area,    Column::scale, Column::when};
constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr std::chrono::minutes kMinute{1};
constexpr std::chrono::minutes kDay{1440};

enum class Direction : std::uint8_t { wider, narrower };

/// The column of names of a box, with the catalogue's list; nothing for another column.
struct Listed {
  std::optional<NameSet> Box::* column;
  const NameList& list;
};
std::optional<Listed> listed(Column column, const Catalogue& c) {
  switch (column) {
    case Column::from: return Listed{&Box::from, c.zones};
    case Column::to: return Listed{&Box::to, c.zones};
    case Column::dataset: return Listed{&Box::dataset, c.datasets};
    case Column::within: return Listed{&Box::within, c.compartments};
    case Column::area_set: return Listed{&Box::area_sets, c.area_sets};
    case Column::node_level: return Listed{&Box::node_levels, c.node_levels};
    case Column::role: return Listed{&Box::roles, c.roles};
    case Column::secrecy:
    case Column::grade:
    case Column::area:
    case Column::scale:
    case Column::when: return std::nullopt;
  }
  return std::nullopt;
}

/// Takes a column out of a box; false when it was not there.
bool open(Box& box, Column column, const Catalogue& catalogue) {
  const auto drop = [](auto& value) {
    const bool there = value.has_value();
    value.reset();
    return there;
  };
  if (const auto names = listed(column, catalogue)) return drop(box.*(names->column));
  switch (column) {
    case Column::secrecy: return drop(box.secrecy);
    case Column::grade: return drop(box.grade);
    case Column::area: return drop(box.areas);
    case Column::scale: return drop(box.scale);
    case Column::when: return drop(box.when);
    case Column::from:
    case Column::to:
    case Column::dataset:
    case Column::within:
    case Column::area_set:
    case Column::node_level:
    case Column::role: break;  // of names
  }
  return false;
}

/// The changed forms of one rule.
class Changer {
 public:
  Changer(std::uint32_t number, const Rule& rule, const Catalogue& catalogue,
          std::vector<Mutant>& out)
      : number_(number), rule_(rule), catalogue_(catalogue), out_(out) {}

  void leave_out() { out_.push_back({number_, std::nullopt, "删去此规则", "the rule left out"}); }

  void open_columns() {
    for (const Column column : kColumnsInOrder) {
      if (lists_all(column)) continue;
      Rule changed = rule_;
      if (open(changed.box, column, catalogue_))
        add(std::move(changed), "不限" + std::string(to_chinese(column)),
            "any " + std::string(to_english(column)));
    }
  }

  void weaken_demands() {
    for (const Demand& demand : demands_in(rule_.obligations)) {
      Rule changed = rule_;
      weaken(changed.obligations, demand);
      if (changed.obligations == rule_.obligations) continue;
      // A limit is a step higher; anything else is gone, or one fewer.
      const Obligations one = obligations_of(demand);
      add(std::move(changed), "要求减弱:" + demands_of(one, catalogue_, Tongue::zh),
          "less than: " + demands_of(one, catalogue_, Tongue::en));
    }
  }

  void step(Column column, Direction direction) {
    if (const auto names = listed(column, catalogue_)) return step_names(column, *names, direction);
    switch (column) {
      case Column::secrecy:
        return step_grade(&Box::secrecy, column, direction, flow::Secrecy::top_secret);
      case Column::grade: return step_grade(&Box::grade, column, direction, flow::DataGrade::core);
      case Column::area: return step_areas(direction);
      case Column::scale: return step_scale(direction);
      case Column::when: return step_hours(direction);
      case Column::from:
      case Column::to:
      case Column::dataset:
      case Column::within:
      case Column::area_set:
      case Column::node_level:
      case Column::role: return;  // of names
    }
  }

 private:
  void add(Rule changed, std::string zh, std::string en) {
    out_.push_back({number_, std::move(changed), std::move(zh), std::move(en)});
  }
  void add_column(Rule changed, Column column, const std::string& zh, const std::string& en,
                  bool more) {
    add(std::move(changed), std::string(to_chinese(column)) + (more ? "改为含" : "改为不含") + zh,
        std::string(to_english(column)) + (more ? " with " : " without ") + en);
  }
  void add_end(Rule changed, Column column, const std::string& zh, const std::string& en) {
    add(std::move(changed), std::string(to_chinese(column)) + "改为" + zh,
        std::string(to_english(column)) + " " + en);
  }

  /// A column that lists every name says no more than its absence.
  [[nodiscard]] bool lists_all(Column column) const {
    if (column != Column::from && column != Column::to && column != Column::dataset) return false;
    const auto names = listed(column, catalogue_);
    const auto& set = rule_.box.*(names->column);
    return set && set->size() == names->list.size();
  }

  static void erase(NameSet& names, std::uint64_t name) {
    NameSet out;
    for (const NameIndex one : names)
      if (one != name) out.insert(one);
    names = out;
  }

  static void weaken(Obligations& o, const Demand& demand) {
    const auto raise = [](std::optional<std::uint64_t>& bound, std::uint64_t step) {
      bound = *bound + step;
    };
    switch (demand.kind) {
      case DemandKind::declassify: return erase(o.declassifiers, demand.value);
      case DemandKind::desensitise: return erase(o.packs, demand.value);
      case DemandKind::approvals:
        // Each role is a person of its own: with them there are no fewer.
        if (o.approvals <= o.approver_roles.size()) o.approver_roles = {};
        --o.approvals;
        return;
      case DemandKind::approver_role: return erase(o.approver_roles, demand.value);
      case DemandKind::distinct_organisations: o.distinct_organisations = false; return;
      case DemandKind::size: return raise(o.limits.bytes, kMegabyte);
      case DemandKind::objects: return raise(o.limits.objects, 1);
      case DemandKind::per_day: return raise(o.limits.per_day, 1);
      case DemandKind::contiguous_km2: return raise(o.limits.contiguous_km2, 1);
      case DemandKind::carrier:
        o.carriers = static_cast<std::uint8_t>(o.carriers | demand.value);
        return;
      case DemandKind::watermark: o.watermark = false; return;
      case DemandKind::notify: return erase(o.notify, demand.value);
    }
  }

  /// One name more: the catalogue's first that is not listed; or one fewer, each in turn.
  void step_names(Column column, const Listed& names, Direction direction) {
    const auto& set = rule_.box.*(names.column);
    if (!set) return;
    const auto change = [&](NameIndex name, bool more) {
      Rule changed = rule_;
      NameSet& now = *(changed.box.*(names.column));
      if (more)
        now.insert(name);
      else
        erase(now, name);
      add_column(std::move(changed), column, names_text({name}, names.list, Tongue::zh),
                 names_text({name}, names.list, Tongue::en), more);
    };
    if (direction == Direction::narrower) {
      for (const NameIndex name : *set)
        if (set->size() > 1) change(name, false);
      return;
    }
    for (const NameIndex name : names.list.indices())
      if (!set->contains(name)) return change(name, true);
  }

  template <class Grade>
  void step_grade(std::optional<Grade> Box::* limit, Column column, Direction direction,
                  Grade highest) {
    if (!(rule_.box.*limit)) return;
    const Grade now = *(rule_.box.*limit);
    const bool up = (direction == Direction::wider) == (rule_.kind == RuleKind::permit);
    if (up ? now == highest : now == Grade{}) return;
    Rule changed = rule_;
    const auto next =
        static_cast<Grade>(up ? static_cast<int>(now) + 1 : static_cast<int>(now) - 1);
    changed.box.*limit = next;
    add_end(std::move(changed), column, std::string(flow::to_chinese(next)),
            "limit " + std::string(flow::to_text(next)));
  }

  /// A prefix of the same length beside one that is listed, once a neighbourhood; or one fewer.
  void step_areas(Direction direction) {
    const auto& areas = rule_.box.areas;
    if (!areas) return;
    if (direction == Direction::narrower) {
      for (std::size_t i = 0; i < areas->size() && areas->size() > 1; ++i) {
        Rule changed = rule_;
        changed.box.areas->erase(changed.box.areas->begin() + static_cast<std::ptrdiff_t>(i));
        const std::string code = area_text((*areas)[i]);
        add_column(std::move(changed), Column::area, code, code, false);
      }
      return;
    }
    std::vector<Area> added;
    for (const Area& area : *areas) {
      const std::uint32_t width = area.end - area.first;
      const std::uint32_t around = area.first / (100 * width) * 100 * width;
      for (std::uint32_t i = 1; i < 100; ++i) {
        const Area next{.first = around + i * width, .end = around + (i + 1) * width};
        const bool listed_already =
            std::ranges::any_of(*areas, [&](const Area& one) { return one.touches(next); });
        if (listed_already || !Area::parse(area_text(next))) continue;
        if (std::ranges::find(added, next) != added.end()) break;
        added.push_back(next);
        Rule changed = rule_;
        changed.box.areas->push_back(next);
        const std::string code = area_text(next);
        add_column(std::move(changed), Column::area, code, code, true);
        break;
      }
    }
  }

  void step_scale(Direction direction) {
    const auto& range = rule_.box.scale;
    if (!range) return;
    const std::int64_t out = direction == Direction::wider ? 1 : -1;
    const auto change = [&](std::int64_t finest, std::int64_t coarsest) {
      Rule changed = rule_;
      changed.box.scale = ScaleRange{.finest = finest, .coarsest = coarsest};
      const std::string text = std::to_string(finest) + "–" + std::to_string(coarsest);
      add_end(std::move(changed), Column::scale, text, text);
    };
    // An end that was not said is none.
    if (direction == Direction::narrower && range->finest == range->coarsest) return;
    if (range->finest != ScaleRange{}.finest) change(range->finest - out, range->coarsest);
    if (range->coarsest != ScaleRange{}.coarsest) change(range->finest, range->coarsest + out);
  }

  void step_hours(Direction direction) {
    if (!rule_.box.when) return;
    const std::vector<Hours>& hours = rule_.box.when->hours;
    const std::chrono::minutes out = direction == Direction::wider ? kMinute : -kMinute;
    for (std::size_t i = 0; i < hours.size(); ++i) {
      const auto change = [&](Hours part) {
        Rule changed = rule_;
        changed.box.when->hours[i] = part;
        const std::string text = hours_text(part);
        add_end(std::move(changed), Column::when, text, text);
      };
      if (direction == Direction::narrower && hours[i].to - hours[i].from <= kMinute) continue;
      if (hours[i].from != kMinute * 0) change({hours[i].from - out, hours[i].to});
      if (hours[i].to != kDay) change({hours[i].from, hours[i].to + out});
    }
  }

  std::uint32_t number_;
  const Rule& rule_;
  const Catalogue& catalogue_;
  std::vector<Mutant>& out_;
};

}  // namespace

std::vector<Mutant> mutants_of(const RuleBook& book, std::uint32_t number,
                               const Catalogue& catalogue) {
  std::vector<Mutant> out;
  const Rule& rule = book.rules()[number];
  Changer changer(number, rule, catalogue, out);
  changer.leave_out();
  changer.open_columns();
  changer.weaken_demands();
  for (const Column column : kColumnsInOrder)
    changer.step(column, rule.kind == RuleKind::permit ? Direction::wider : Direction::narrower);
  return out;
}

std::vector<Mutant> boundaries_of(const RuleBook& book, std::uint32_t number,
                                  const Catalogue& catalogue) {
  std::vector<Mutant> out;
  Changer changer(number, book.rules()[number], catalogue, out);
  for (const Column column : kWithEnds) {
    changer.step(column, Direction::narrower);
    changer.step(column, Direction::wider);
  }
  return out;
}

}  // namespace hangu::policy
