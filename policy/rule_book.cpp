#include "policy/rule_book.hpp"

namespace hangu::policy {

RuleBook::RuleBook(std::vector<Rule> rules, std::vector<Calendar> calendars)
    : rules_(std::move(rules)),
      calendars_(std::move(calendars)),
      permits_(rules_, RuleKind::permit),
      forbids_(rules_, RuleKind::forbid) {}

Ruling RuleBook::judge(const Request& request) const {
  Ruling out;
  forbids_.each_candidate(request, [&](std::uint32_t number) {
    if (forbids(rules_[number].box, request, calendars_)) out.rules.push_back(number);
  });
  if (!out.rules.empty()) return out;
  permits_.each_candidate(request, [&](std::uint32_t number) {
    if (!permits(rules_[number].box, request, calendars_)) return;
    out.rules.push_back(number);
    out.obligations.join(rules_[number].obligations);
  });
  out.allowed = !out.rules.empty();
  return out;
}

}  // namespace hangu::policy
