#include "policy/test_case.hpp"

#include <algorithm>

#include "policy/test_case_writer.hpp"

namespace hangu::policy {

Expectation answer_of(const RuleBook& book, const Request& request) {
  const Ruling ruling = book.judge(request);
  std::vector<std::string> rules;
  rules.reserve(ruling.rules.size());
  for (const std::uint32_t number : ruling.rules) rules.push_back(book.rules()[number].id);
  std::ranges::sort(rules);
  return {.allowed = ruling.allowed,
          .rules = std::move(rules),
          .approvals = ruling.obligations.approvals,
          .require = ruling.obligations};
}

Expectation answer_of(const RuleBook& book, const TestCase& test) {
  Expectation out = answer_of(book, test.given);
  if (!test.expect.require || !out.allowed) out.require.reset();
  return out;
}

bool meets(const Expectation& answer, const Expectation& demanded) {
  return answer.allowed == demanded.allowed &&
         (!demanded.rules || answer.rules == demanded.rules) &&
         (!demanded.approvals || answer.approvals == demanded.approvals) &&
         (!demanded.require || answer.require == demanded.require);
}

std::string to_text(const Expectation& expectation, const Catalogue& catalogue) {
  std::string out = expectation.allowed ? "permit" : "deny";
  if (expectation.rules) {
    out += expectation.rules->empty() ? ", no rule" : ", rules";
    for (const std::string& id : *expectation.rules) out += " " + id;
  }
  if (expectation.approvals && expectation.allowed)
    out += ", " + std::to_string(*expectation.approvals) + " approvals";
  if (expectation.require && expectation.allowed)
    out += ", require " + require_text(*expectation.require, catalogue);
  return out;
}

}  // namespace hangu::policy
