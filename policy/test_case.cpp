#include "policy/test_case.hpp"

#include <algorithm>

namespace hangu::policy {

Expectation answer_of(const RuleBook& book, const Request& request) {
  const Ruling ruling = book.judge(request);
  std::vector<std::string> rules;
  rules.reserve(ruling.rules.size());
  for (const std::uint32_t number : ruling.rules) rules.push_back(book.rules()[number].id);
  std::ranges::sort(rules);
  return {.allowed = ruling.allowed,
          .rules = std::move(rules),
          .approvals = ruling.obligations.approvals};
}

bool meets(const Expectation& answer, const Expectation& demanded) {
  return answer.allowed == demanded.allowed &&
         (!demanded.rules || answer.rules == demanded.rules) &&
         (!demanded.approvals || answer.approvals == demanded.approvals);
}

std::string to_text(const Expectation& expectation) {
  std::string out = expectation.allowed ? "permit" : "deny";
  if (expectation.rules) {
    out += expectation.rules->empty() ? ", no rule" : ", rules";
    for (const std::string& id : *expectation.rules) out += " " + id;
  }
  if (expectation.approvals && expectation.allowed)
    out += ", " + std::to_string(*expectation.approvals) + " approvals";
  return out;
}

}  // namespace hangu::policy
