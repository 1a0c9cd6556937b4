#pragma once
// Test case: a question to the rules and the answer that the officer expects, kept with the policy.
// docs/protocols/policy.md §6.

#include <optional>
#include <string>
#include <vector>

#include "policy/catalogue.hpp"
#include "policy/rule_book.hpp"

namespace hangu::policy {

/// What a test demands; absent members may be anything.
struct Expectation {
  bool allowed = false;
  std::optional<std::vector<std::string>> rules;  ///< ids, in rising order: exactly these
  std::optional<std::uint32_t> approvals;
  std::optional<Obligations> require{};  ///< of all rules together: exactly these
};

struct TestCase {
  std::string id;
  std::string place;  ///< "line 12:1" in the policy file
  Request given;      ///< what the test does not say is not known
  Expectation expect;
};

/// What the rules answer, in the words of an Expectation.
[[nodiscard]] Expectation answer_of(const RuleBook& book, const Request& request);
/// Whether an answer is as demanded.
[[nodiscard]] bool meets(const Expectation& answer, const Expectation& demanded);
/// The same, with `require` only where the test says it: for people.
[[nodiscard]] Expectation answer_of(const RuleBook& book, const TestCase& test);
/// "permit, rules P-001 P-003, 2 approvals, require { … }"; only what is there.
[[nodiscard]] std::string to_text(const Expectation& expectation, const Catalogue& catalogue);

}  // namespace hangu::policy
