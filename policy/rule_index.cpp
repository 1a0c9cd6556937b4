#include "policy/rule_index.hpp"

namespace hangu::policy {
namespace {

constexpr std::uint64_t kAll = ~std::uint64_t{0};

void set(std::vector<std::uint64_t>& bits, std::size_t rule) {
  bits[rule / 64] |= std::uint64_t{1} << rule % 64;
}

}  // namespace

RuleIndex::RuleIndex(std::span<const Rule> rules, RuleKind kind) : kind_(kind) {
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (rules[i].kind == kind) numbers_.push_back(static_cast<std::uint32_t>(i));
  words_ = (numbers_.size() + 63) / 64;
  from_ = table_of(rules, &Box::from);
  to_ = table_of(rules, &Box::to);
  dataset_ = table_of(rules, &Box::dataset);
  index_labels(rules);
  index_provinces(rules);
}

RuleIndex::Table RuleIndex::table_of(std::span<const Rule> rules,
                                     std::optional<NameSet> Box::* column) const {
  std::size_t values = 0;
  for (const std::uint32_t number : numbers_)
    if (const auto& names = rules[number].box.*column)
      for (const NameIndex name : *names) values = std::max(values, std::size_t{name} + 1);
  Table out{.by_value = std::vector<Bits>(values, Bits(words_)), .others = Bits(words_)};
  for (std::size_t rule = 0; rule < numbers_.size(); ++rule) {
    if (const auto& names = rules[numbers_[rule]].box.*column) {
      for (const NameIndex name : *names) set(out.by_value[name], rule);
    } else {
      set(out.others, rule);
      for (Bits& bits : out.by_value) set(bits, rule);
    }
  }
  return out;
}

void RuleIndex::index_labels(std::span<const Rule> rules) {
  // A permit's limit is the highest that it holds, a forbid's the lowest that it touches.
  const auto index = [&](auto& tables, auto column) {
    for (std::size_t value = 0; value < tables.size(); ++value) {
      tables[value] = Bits(words_);
      for (std::size_t rule = 0; rule < numbers_.size(); ++rule) {
        const auto& limit = rules[numbers_[rule]].box.*column;
        const auto bound = limit ? static_cast<std::size_t>(*limit) : value;
        if (kind_ == RuleKind::permit ? value <= bound : value >= bound) set(tables[value], rule);
      }
    }
  };
  index(secrecy_, &Box::secrecy);
  index(grade_, &Box::grade);
}

void RuleIndex::index_provinces(std::span<const Rule> rules) {
  province_.fill(Bits(words_));
  for (std::size_t rule = 0; rule < numbers_.size(); ++rule) {
    const auto& areas = rules[numbers_[rule]].box.areas;
    if (areas) {
      for (const Area& area : *areas) set(province_[area.province()], rule);
    } else {
      for (Bits& bits : province_) set(bits, rule);
    }
  }
}

/// A permit must hold each class and area of the request; a forbid touches one.
std::uint64_t RuleIndex::candidates(const Request& r, std::size_t word) const {
  std::uint64_t bits = from_.of(r.from)[word] & to_.of(r.to)[word] &
                       secrecy_[static_cast<std::size_t>(r.secrecy)][word] &
                       grade_[static_cast<std::size_t>(r.grade)][word];
  if (bits == 0) return 0;
  if (kind_ == RuleKind::permit) {
    for (const NameIndex one : r.classes) bits &= dataset_.of(one)[word];
    for (const Area& area : r.areas) bits &= province_[area.province()][word];
    return bits;
  }
  std::uint64_t classes = r.classes.empty() ? kAll : 0;
  for (const NameIndex one : r.classes) classes |= dataset_.of(one)[word];
  std::uint64_t areas = r.areas.empty() ? kAll : 0;
  for (const Area& area : r.areas) areas |= province_[area.province()][word];
  return bits & classes & areas;
}

}  // namespace hangu::policy
