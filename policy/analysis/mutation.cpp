#include "policy/analysis/mutation.hpp"

#include <algorithm>

namespace hangu::policy {
namespace {

/// Takes a column out of a box; false when it was not there.
bool widen(Box& box, Column column) {
  const auto drop = [](auto& value) {
    const bool there = value.has_value();
    value.reset();
    return there;
  };
  switch (column) {
    case Column::from: return drop(box.from);
    case Column::to: return drop(box.to);
    case Column::dataset: return drop(box.dataset);
    case Column::secrecy: return drop(box.secrecy);
    case Column::grade: return drop(box.grade);
    case Column::within: return drop(box.within);
    case Column::area: return drop(box.areas);
    case Column::area_set: return drop(box.area_sets);
    case Column::scale: return drop(box.scale);
    case Column::when: return drop(box.when);
    case Column::node_level: return drop(box.node_levels);
    case Column::role: return drop(box.roles);
  }
  return false;
}

class Mutator {
 public:
  Mutator(const RuleBook& book, const std::vector<TestCase>& tests, const Catalogue& catalogue)
      : book_(book), rules_(book.rules()), tests_(tests), catalogue_(catalogue) {
    for (const TestCase& test : tests_) {
      matched_.emplace_back();
      for (std::uint32_t i = 0; i < rules_.size(); ++i)
        if (matches(rules_[i], test.given)) matched_.back().push_back(i);
    }
  }

  MutationScore run() {
    for (std::uint32_t i = 0; i < rules_.size(); ++i) {
      judge(i, nullptr, "删去此规则", "the rule left out");
      for (int column = 0; column <= static_cast<int>(Column::role); ++column)
        without(i, static_cast<Column>(column));
      if (rules_[i].obligations.approvals == 0) continue;
      Rule weaker = rules_[i];
      weaker.obligations.approver_roles = {};
      --weaker.obligations.approvals;
      judge(i, &weaker, "少要一人审批", "one approval less");
    }
    return std::move(score_);
  }

 private:
  [[nodiscard]] bool matches(const Rule& rule, const Request& request) const {
    return rule.kind == RuleKind::permit ? permits(rule.box, request, book_.calendars())
                                         : forbids(rule.box, request, book_.calendars());
  }

  /// A column that lists every name says no more than its absence.
  [[nodiscard]] bool lists_all(const Box& box, Column column) const {
    const auto all = [](const std::optional<NameSet>& names, const NameList& list) {
      return names && names->size() == list.size();
    };
    return (column == Column::from && all(box.from, catalogue_.zones)) ||
           (column == Column::to && all(box.to, catalogue_.zones)) ||
           (column == Column::dataset && all(box.dataset, catalogue_.datasets));
  }

  void without(std::uint32_t i, Column column) {
    if (lists_all(rules_[i].box, column)) return;
    Rule wider = rules_[i];
    if (!widen(wider.box, column)) return;
    judge(i, &wider, "不限" + std::string(to_chinese(column)),
          "any " + std::string(to_english(column)));
  }

  /// Rule `i` as `changed`, or left out.
  void judge(std::uint32_t i, const Rule* changed, std::string zh, std::string en) {
    ++score_.mutants;
    for (std::size_t test = 0; test < tests_.size(); ++test)
      if (is_noticed(test, i, changed)) return;
    score_.survivors.push_back({rules_[i].id, rules_[i].place, std::move(zh), std::move(en)});
  }

  [[nodiscard]] bool is_noticed(std::size_t test, std::uint32_t i, const Rule* changed) const {
    const bool before = std::ranges::binary_search(matched_[test], i);
    const bool after = changed != nullptr && matches(*changed, tests_[test].given);
    if (!before && !after) return false;
    std::vector<const Rule*> now;
    for (const std::uint32_t number : matched_[test])
      if (number != i) now.push_back(&rules_[number]);
    if (after) now.push_back(changed);
    return !meets(answer_by(now), tests_[test].expect);
  }

  /// What rules that match say together.
  static Expectation answer_by(const std::vector<const Rule*>& rules) {
    const bool forbidden =
        std::ranges::any_of(rules, [](const Rule* rule) { return rule->kind == RuleKind::forbid; });
    Expectation out{.allowed = !forbidden && !rules.empty(), .rules = {{}}, .approvals = 0};
    Obligations joined;
    for (const Rule* rule : rules) {
      if ((rule->kind == RuleKind::forbid) != forbidden) continue;
      out.rules->push_back(rule->id);
      joined.join(rule->obligations);
    }
    std::ranges::sort(*out.rules);
    out.approvals = joined.approvals;
    return out;
  }

  const RuleBook& book_;
  const std::vector<Rule>& rules_;
  const std::vector<TestCase>& tests_;
  const Catalogue& catalogue_;
  std::vector<std::vector<std::uint32_t>> matched_;  ///< by test: the rules, in rising order
  MutationScore score_;
};

}  // namespace

MutationScore mutate(const RuleBook& book, const std::vector<TestCase>& tests,
                     const Catalogue& catalogue) {
  return Mutator(book, tests, catalogue).run();
}

}  // namespace hangu::policy
