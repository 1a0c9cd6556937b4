#include "policy/analysis/matrix.hpp"

#include <algorithm>
#include <set>

namespace hangu::policy {
namespace {

bool names_it(const std::optional<NameSet>& column, NameIndex name) {
  return !column || column->contains(name);
}

std::vector<std::pair<NameIndex, NameIndex>> ways_of(const RuleBook& book,
                                                     const Catalogue& catalogue) {
  std::set<std::pair<NameIndex, NameIndex>> out;
  for (const Rule& rule : book.rules()) {
    if (rule.kind != RuleKind::permit) continue;
    for (const NameIndex from : catalogue.zones.indices())
      for (const NameIndex to : catalogue.zones.indices())
        if (names_it(rule.box.from, from) && names_it(rule.box.to, to)) out.emplace(from, to);
  }
  return {out.begin(), out.end()};
}

}  // namespace

Matrix matrix_of(const RuleBook& book, const Catalogue& catalogue) {
  Matrix out{.ways = ways_of(book, catalogue), .rows = {}};
  for (const NameIndex dataset : catalogue.datasets.indices()) {
    std::vector<Cell> row(out.ways.size());
    for (const Rule& rule : book.rules()) {
      if (!names_it(rule.box.dataset, dataset)) continue;
      for (std::size_t i = 0; i < out.ways.size(); ++i) {
        const auto [from, to] = out.ways[i];
        if (!names_it(rule.box.from, from) || !names_it(rule.box.to, to)) continue;
        (rule.kind == RuleKind::permit ? row[i].permits : row[i].forbids).push_back(rule.id);
      }
    }
    if (std::ranges::any_of(row, [](const Cell& cell) { return !cell.permits.empty(); }))
      out.rows.emplace(dataset, std::move(row));
  }
  return out;
}

}  // namespace hangu::policy
