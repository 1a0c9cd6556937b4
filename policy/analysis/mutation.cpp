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

using MutantsOf = std::vector<Mutant> (*)(const RuleBook&, std::uint32_t, const Catalogue&);

/// Calls `see` with up to kTellingMutants unnoticed ones at a time, until it returns false.
template <class See>
void each_unnoticed(const RuleBook& book, const Catalogue& catalogue, MutantsOf mutants,
                    const Noticing& noticing, See see) {
  std::vector<Mutant> some;
  for (std::uint32_t rule = 0; rule < book.rules().size(); ++rule) {
    for (Mutant& mutant : mutants(book, rule, catalogue)) {
      if (noticing.notices(mutant)) continue;
      some.push_back(std::move(mutant));
      if (some.size() < kTellingMutants) continue;
      if (!see(some)) return;
      some.clear();
    }
  }
  if (!some.empty()) see(some);
}

MutationScore score(const PolicyReading& reading, const Catalogue& catalogue, MutantsOf mutants) {
  const RuleBook& book = reading.policy.book;
  const Noticing noticing = noticing_of(reading);
  MutationScore out;
  for (std::uint32_t rule = 0; rule < book.rules().size(); ++rule)
    out.mutants += mutants(book, rule, catalogue).size();
  std::size_t examined = 0;
  each_unnoticed(book, catalogue, mutants, noticing, [&](const std::vector<Mutant>& some) {
    std::optional<Telling> telling;
    if (examined < kExaminedMax) telling.emplace(reading.policy, some, catalogue);
    examined += some.size();
    for (const Mutant& mutant : some) {
      if (telling && telling->find(mutant).is_none) {
        --out.mutants;
        continue;
      }
      const Rule& rule = book.rules()[mutant.rule];
      out.survivors.push_back({rule.id, rule.place, mutant.zh, mutant.en});
    }
    return true;
  });
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
  return score(reading, catalogue, &mutants_of);
}

MutationScore cover_boundaries(const PolicyReading& reading, const Catalogue& catalogue) {
  return score(reading, catalogue, &boundaries_of);
}

std::vector<Suggestion> suggest(const PolicyReading& reading, const Catalogue& catalogue) {
  const RuleBook& book = reading.policy.book;
  Noticing noticing = noticing_of(reading);
  Numbers numbers(reading);
  std::vector<Suggestion> out;
  const auto look = [&](const std::vector<Mutant>& some) {
    Telling telling(reading.policy, some, catalogue);
    for (const Mutant& mutant : some) {
      if (out.size() == kSuggestionsMax) return false;
      if (noticing.notices(mutant)) continue;  // by a test that is suggested already
      const std::optional<Request> request = telling.find(mutant).request;
      if (!request) continue;
      TestCase test{.id = numbers.next(), .place = {}, .given = *request, .expect = {}};
      test.expect = answer_of(book, *request);
      test.expect.approvals.reset();  // `require` says them
      noticing.add(test);
      out.push_back({.test = std::move(test),
                     .rule = book.rules()[mutant.rule].id,
                     .zh = mutant.zh,
                     .en = mutant.en});
    }
    return true;
  };
  each_unnoticed(book, catalogue, &mutants_of, noticing, look);
  each_unnoticed(book, catalogue, &boundaries_of, noticing, look);
  return out;
}

}  // namespace hangu::policy
