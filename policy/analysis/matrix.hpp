#pragma once
// Matrix: which rules speak of a dataset class on a way between two zones, so that an officer sees
// where permits meet forbids and each other.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "policy/policy.hpp"

namespace hangu::policy {

/// Ids, in the order of the file. Rules may still differ in label, area, scale and time.
struct Cell {
  std::vector<std::string> permits;
  std::vector<std::string> forbids;
};

struct Matrix {
  std::vector<std::pair<NameIndex, NameIndex>> ways;  ///< from, to: those that some permit names
  /// By dataset class, then by way; a class that no permit names on any way is not there.
  std::map<NameIndex, std::vector<Cell>> rows;
};

[[nodiscard]] Matrix matrix_of(const RuleBook& book, const Catalogue& catalogue);

}  // namespace hangu::policy
