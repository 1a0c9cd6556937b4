#pragma once
// Rule book: the rules of one policy, and what they say together. Default deny; forbid wins; order
// never matters; the obligations of all permits that match are joined. docs/protocols/policy.md §4.

#include "policy/rule_index.hpp"

namespace hangu::policy {

/// What the rules say of a request.
struct Ruling {
  bool allowed = false;
  std::vector<std::uint32_t> rules;  ///< numbers of the forbids that match, else of the permits
  Obligations obligations;           ///< joined, of the permits
  bool operator==(const Ruling&) const = default;
};

/// Thread: any, once made.
class RuleBook {
 public:
  RuleBook() : RuleBook({}, {}) {}
  /// `calendars` are the catalogue's, by its numbers.
  RuleBook(std::vector<Rule> rules, std::vector<Calendar> calendars);

  [[nodiscard]] Ruling judge(const Request& request) const;

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }
  [[nodiscard]] const std::vector<Calendar>& calendars() const { return calendars_; }

 private:
  std::vector<Rule> rules_;
  std::vector<Calendar> calendars_;
  RuleIndex permits_;
  RuleIndex forbids_;
};

}  // namespace hangu::policy
