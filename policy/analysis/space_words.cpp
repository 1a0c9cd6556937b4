// What a region says, for people.

#include <algorithm>

#include "policy/analysis/space.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kPartsTold = 6;  ///< areas, ranges or times of one column

/// Joins up to kPartsTold of many.
class List {
 public:
  explicit List(Tongue tongue) : tongue_(tongue) {}
  void add(const std::string& part) {
    if (++count_ > kPartsTold) return;
    text_ += (text_.empty() ? "" : tongue_ == Tongue::zh ? "、" : ", ") + part;
  }
  [[nodiscard]] std::string text() const {
    if (count_ <= kPartsTold) return text_;
    const std::string more = std::to_string(count_ - kPartsTold);
    return text_ + (tongue_ == Tongue::zh ? "、另外" + more + "个" : ", " + more + " more");
  }

 private:
  Tongue tongue_;
  std::string text_;
  std::size_t count_ = 0;
};

std::string range_text(const ScaleRange& range, Tongue tongue) {
  const std::string finest = scale_text(range.finest, tongue);
  const std::string coarsest = scale_text(range.coarsest, tongue);
  if (range.finest == range.coarsest) return finest;
  if (range.coarsest == ScaleRange{}.coarsest)
    return finest + (tongue == Tongue::zh ? "及更粗" : " and coarser");
  if (range.finest == ScaleRange{}.finest)
    return coarsest + (tongue == Tongue::zh ? "及更细" : " and finer");
  return finest + (tongue == Tongue::zh ? "至" : " to ") + coarsest;
}

template <class Grade>
std::string grade_text(const Atoms& atoms, Tongue tongue) {
  List out(tongue);
  for (const std::size_t atom : atoms.list()) {
    const auto grade = static_cast<Grade>(atom);
    const std::string chinese(flow::to_chinese(grade));
    out.add(tongue == Tongue::zh ? chinese : std::string(flow::to_text(grade)) + " " + chinese);
  }
  return out.text();
}

/// Neighbouring ranges are told as one.
std::string scales_text(const ScaleAxis& axis, const Atoms& atoms, Tongue tongue) {
  List out(tongue);
  std::optional<ScaleRange> range;
  for (const std::size_t atom : atoms.list()) {
    const ScaleRange& next = axis.range_of(atom);
    if (range && next.finest == range->coarsest + 1) {
      range->coarsest = next.coarsest;
      continue;
    }
    if (range) out.add(range_text(*range, tongue));
    range = next;
  }
  if (range) out.add(range_text(*range, tongue));
  return out.text();
}

std::string areas_text(const AreaAxis& axis, const Atoms& atoms, Tongue tongue) {
  List out(tongue);
  for (const std::size_t atom : atoms.list()) out.add(area_text(axis.example_of(atom)));
  return out.text();
}

std::string times_text(const TimeAxis& axis, const Atoms& atoms, Tongue tongue) {
  List out(tongue);
  for (const std::size_t atom : atoms.list()) out.add(axis.example_of(atom).to_text());
  return (tongue == Tongue::zh ? "如" : "as at ") + out.text();
}

/// Where data lies to area sets: names inside which it lies come with even atoms.
NameSet sets_in(const NameAxis& axis, const Atoms& atoms, bool inside) {
  NameSet out;
  for (const std::size_t atom : atoms.list()) {
    if ((atom % 2 == 0) != inside) continue;
    Atoms one(axis.size());
    one.add(atom / 2);
    out.merge(axis.names_of(one));
  }
  return out;
}

}  // namespace

std::string Space::words_of(const Region& region, const Catalogue& catalogue, Tongue tongue) const {
  const bool chinese = tongue == Tongue::zh;
  const auto values = [&](Column column, const Atoms& atoms) -> std::string {
    const auto names = [&](const NameAxis& axis, const NameList& list) {
      return names_text(axis.names_of(atoms), list, tongue);
    };
    switch (column) {
      case Column::from: return names(from_, catalogue.zones);
      case Column::to: return names(to_, catalogue.zones);
      case Column::dataset: return names(datasets_, catalogue.datasets);
      case Column::secrecy: return grade_text<flow::Secrecy>(atoms, tongue);
      case Column::grade: return grade_text<flow::DataGrade>(atoms, tongue);
      case Column::within: return names(compartments_, catalogue.compartments);
      case Column::area: return areas_text(areas_, atoms, tongue);
      case Column::area_set: {
        const NameSet inside = sets_in(area_sets_, atoms, true);
        const NameSet touched = sets_in(area_sets_, atoms, false);
        const NameSet& told = touched.empty() ? inside : touched;
        return (touched.empty() ? chinese ? "位于" : "within "
                : chinese       ? "触及"
                                : "touching ") +
               names_text(told, catalogue.area_sets, tongue);
      }
      case Column::scale: return scales_text(scales_, atoms, tongue);
      case Column::when: return times_text(times_, atoms, tongue);
      case Column::node_level: return names(node_levels_, catalogue.node_levels);
      case Column::role: return names(roles_, catalogue.roles);
    }
    return {};
  };
  const Region all = everything();
  std::string out;
  for (std::size_t i = 0; i < kColumns; ++i) {
    const auto column = static_cast<Column>(i);
    const Extent& extent = region.of(column);
    const Extent& any = all.of(column);
    if (extent == any) continue;
    std::vector<std::string> parts;
    const bool many = axis_of(column).many;
    if (extent.known && extent.inside != any.inside) {
      const std::string only = !many ? "" : chinese ? "仅限" : "only ";
      parts.push_back(extent.inside.any() ? only + values(column, extent.inside)
                                          : std::string(chinese ? "没有" : "none"));
    }
    for (const Atoms& some : extent.touching) {
      Atoms shared = some;
      shared.keep(extent.inside);
      parts.push_back((chinese ? "至少有一个是" : "at least one of ") + values(column, shared));
    }
    if (parts.empty() && extent.known && !extent.unknown)
      parts.emplace_back(chinese ? "已知" : "known");
    if (parts.empty() && extent.known) parts.emplace_back(chinese ? "任何" : "any");
    std::string told;
    for (const std::string& part : parts)
      told += (told.empty() ? "" : chinese ? "且" : " and ") + part;
    if (extent.unknown)
      told += told.empty() ? chinese ? "不知道" : "not known"
              : chinese    ? "或不知道"
                           : " or not known";
    out += (out.empty() ? ""
            : chinese   ? ";"
                        : "; ") +
           std::string(chinese ? to_chinese(column) : to_english(column)) + (chinese ? ":" : ": ") +
           told;
  }
  return out.empty() ? chinese ? "任何请求" : "any request" : out;
}

}  // namespace hangu::policy
