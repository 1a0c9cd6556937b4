#include "policy/analysis/mutation.hpp"

#include <algorithm>

namespace hangu::policy {
namespace {

bool is_noticed(const RuleBook& book, const std::vector<TestCase>& tests) {
  return std::ranges::any_of(tests, [&](const TestCase& test) {
    return !meets(answer_of(book, test.given), test.expect);
  });
}

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
      : book_(book), tests_(tests), catalogue_(catalogue) {}

  MutationScore run() {
    for (std::size_t i = 0; i < book_.rules().size(); ++i) {
      std::vector<Rule> fewer = book_.rules();
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      judge(book_.rules()[i], std::move(fewer), "删去此规则", "the rule left out");
      for (int column = 0; column <= static_cast<int>(Column::role); ++column)
        without(i, static_cast<Column>(column));
      if (book_.rules()[i].obligations.approvals == 0) continue;
      std::vector<Rule> weaker = book_.rules();
      weaker[i].obligations.approver_roles = {};
      --weaker[i].obligations.approvals;
      judge(book_.rules()[i], std::move(weaker), "少要一人审批", "one approval less");
    }
    return std::move(score_);
  }

 private:
  /// A column that lists every name says no more than its absence.
  bool lists_all(const Box& box, Column column) const {
    const auto all = [](const std::optional<NameSet>& names, const NameList& list) {
      return names && names->size() == list.size();
    };
    return (column == Column::from && all(box.from, catalogue_.zones)) ||
           (column == Column::to && all(box.to, catalogue_.zones)) ||
           (column == Column::dataset && all(box.dataset, catalogue_.datasets));
  }

  void without(std::size_t i, Column column) {
    if (lists_all(book_.rules()[i].box, column)) return;
    std::vector<Rule> wider = book_.rules();
    if (!widen(wider[i].box, column)) return;
    judge(book_.rules()[i], std::move(wider), "不限" + std::string(to_chinese(column)),
          "any " + std::string(to_english(column)));
  }

  void judge(const Rule& rule, std::vector<Rule> rules, std::string zh, std::string en) {
    ++score_.mutants;
    if (is_noticed(RuleBook(std::move(rules), book_.calendars()), tests_)) return;
    score_.survivors.push_back({rule.id, rule.place, std::move(zh), std::move(en)});
  }

  const RuleBook& book_;
  const std::vector<TestCase>& tests_;
  const Catalogue& catalogue_;
  MutationScore score_;
};

}  // namespace

MutationScore mutate(const RuleBook& book, const std::vector<TestCase>& tests,
                     const Catalogue& catalogue) {
  return Mutator(book, tests, catalogue).run();
}

}  // namespace hangu::policy
