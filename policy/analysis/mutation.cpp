#include "policy/analysis/mutation.hpp"

#include <algorithm>
#include <charconv>

#include "policy/analysis/telling.hpp"

namespace hangu::policy {
namespace {

/// Which tests tell mutants.
class Noticing {
 public:
  explicit Noticing(const RuleBook& book) : book_(book) {}

  void add(const TestCase& test) {
    Seen seen{.test = test, .rules = {}};
    for (std::uint32_t i = 0; i < book_.rules().size(); ++i)
      if (matches(book_.rules()[i], test.given)) seen.rules.push_back(i);
    tests_.push_back(std::move(seen));
  }

  [[nodiscard]] bool notices(const Mutant& mutant) const {
    return std::ranges::any_of(tests_, [&](const Seen& one) {
      // Most tests have nothing to do with the rule.
      const bool before = std::ranges::binary_search(one.rules, mutant.rule);
      const bool after = mutant.changed && matches(*mutant.changed, one.test.given);
      return (before || after) && !meets(answer_of(book_, mutant, one.test.given), one.test.expect);
    });
  }

 private:
  struct Seen {
    TestCase test;
    std::vector<std::uint32_t> rules;  ///< that match, in rising order
  };

  [[nodiscard]] bool matches(const Rule& rule, const Request& request) const {
    return rule.kind == RuleKind::permit ? permits(rule.box, request, book_.calendars())
                                         : forbids(rule.box, request, book_.calendars());
  }

  const RuleBook& book_;
  std::vector<Seen> tests_;
};

Noticing noticing_of(const PolicyReading& reading) {
  Noticing out(reading.policy.book);
  for (const TestCase& test : reading.tests) out.add(test);
  return out;
}

MutationScore score(const PolicyReading& reading, const Catalogue& catalogue,
                    const std::vector<Mutant>& mutants) {
  const Noticing noticing = noticing_of(reading);
  std::vector<Mutant> unnoticed;
  std::ranges::copy_if(mutants, std::back_inserter(unnoticed),
                       [&](const Mutant& mutant) { return !noticing.notices(mutant); });
  MutationScore out{.mutants = mutants.size(), .survivors = {}};
  Telling telling(reading.policy, unnoticed, catalogue);
  for (const Mutant& mutant : unnoticed) {
    if (telling.find(mutant).is_none) {
      --out.mutants;
      continue;
    }
    const Rule& rule = reading.policy.book.rules()[mutant.rule];
    out.survivors.push_back({rule.id, rule.place, mutant.zh, mutant.en});
  }
  return out;
}

/// "T-12", after the highest number that such an id has.
class Numbers {
 public:
  explicit Numbers(const PolicyReading& reading) {
    for (const TestCase& test : reading.tests) {
      unsigned number = 0;
      const std::string& id = test.id;
      if (id.starts_with("T-") && id.size() < kDigitsMax)
        std::from_chars(id.data() + 2, id.data() + id.size(), number);
      last_ = std::max(last_, number);
    }
  }
  [[nodiscard]] std::string next() {
    const std::string digits = std::to_string(++last_);
    return "T-" + (digits.size() < 3 ? std::string(3 - digits.size(), '0') : "") + digits;
  }

 private:
  static constexpr std::size_t kDigitsMax = 10;
  unsigned last_ = 0;
};

}  // namespace

MutationScore mutate(const PolicyReading& reading, const Catalogue& catalogue) {
  return score(reading, catalogue, mutants_of(reading.policy.book, catalogue));
}

MutationScore cover_boundaries(const PolicyReading& reading, const Catalogue& catalogue) {
  return score(reading, catalogue, boundaries_of(reading.policy.book, catalogue));
}

std::vector<Suggestion> suggest(const PolicyReading& reading, const Catalogue& catalogue) {
  Noticing noticing = noticing_of(reading);
  std::vector<Mutant> mutants = mutants_of(reading.policy.book, catalogue);
  std::ranges::copy(boundaries_of(reading.policy.book, catalogue), std::back_inserter(mutants));
  std::erase_if(mutants, [&](const Mutant& mutant) { return noticing.notices(mutant); });
  Telling telling(reading.policy, mutants, catalogue);
  Numbers numbers(reading);
  std::vector<Suggestion> out;
  for (const Mutant& mutant : mutants) {
    if (out.size() == kSuggestionsMax) break;
    if (noticing.notices(mutant)) continue;  // by a test that is suggested already
    const std::optional<Request> request = telling.find(mutant).request;
    if (!request) continue;
    TestCase test{.id = numbers.next(), .place = {}, .given = *request, .expect = {}};
    test.expect = answer_of(reading.policy.book, *request);
    test.expect.approvals.reset();  // `require` says them
    noticing.add(test);
    out.push_back({.test = std::move(test),
                   .rule = reading.policy.book.rules()[mutant.rule].id,
                   .zh = mutant.zh,
                   .en = mutant.en});
  }
  return out;
}

}  // namespace hangu::policy
