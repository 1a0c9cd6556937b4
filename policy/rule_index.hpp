#pragma once
// Rule index: which rules of one kind may match a request, by one bit a rule and column value. It
// leaves out none that does; the box itself has the last word.

#include <array>
#include <bit>
#include <span>
#include <vector>

#include "policy/rule.hpp"

namespace hangu::policy {

/// Thread: any, once made.
class RuleIndex {
 public:
  /// Of the rules of `kind`; their numbers are those in `rules`.
  RuleIndex(std::span<const Rule> rules, RuleKind kind);

  /// Calls `see` with the number of each rule that may match, in rising order.
  template <class See>
  void each_candidate(const Request& request, See see) const {
    for (std::size_t word = 0; word < words_; ++word)
      for (std::uint64_t bits = candidates(request, word); bits != 0; bits &= bits - 1)
        see(numbers_[64 * word + static_cast<std::size_t>(std::countr_zero(bits))]);
  }

 private:
  using Bits = std::vector<std::uint64_t>;  ///< a bit for each rule of the kind
  static constexpr std::size_t kProvinces = 100;

  /// By a column's value; `others` are the rules of values that none names.
  struct Table {
    std::vector<Bits> by_value;
    Bits others;
    [[nodiscard]] const Bits& of(std::size_t value) const {
      return value < by_value.size() ? by_value[value] : others;
    }
  };
  [[nodiscard]] Table table_of(std::span<const Rule> rules,
                               std::optional<NameSet> Box::* column) const;
  void index_labels(std::span<const Rule> rules);
  void index_provinces(std::span<const Rule> rules);
  [[nodiscard]] std::uint64_t candidates(const Request& request, std::size_t word) const;

  RuleKind kind_;
  std::vector<std::uint32_t> numbers_;
  std::size_t words_ = 0;
  Table from_;
  Table to_;
  Table dataset_;
  std::array<Bits, 5> secrecy_;
  std::array<Bits, 3> grade_;
  std::array<Bits, kProvinces> province_;
};

}  // namespace hangu::policy
