#include "policy/analysis/mutation.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "policy/analysis/telling.hpp"
#include "policy/test_case_writer.hpp"
#include "tests/support/must.hpp"
#include "tests/support/policy_questions.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using policy::MutationScore;
using policy::PolicyReading;
using test::must;
using test::PolicyMaker;

const Catalogue& made_catalogue() {
  static const Catalogue kCatalogue = must(Catalogue::parse(PolicyMaker::catalogue_toml()));
  return kCatalogue;
}

const std::string kHead =
    "[policy]\nid = \"made\"\nversion = 1\neffective = 2026-01-01T00:00:00+08:00\n"
    "expires = 2027-01-01T00:00:00+08:00\ncatalogue = \"made@1\"\n";
const std::string kBox =
    "from = \"z0\"\nto = \"z1\"\ndataset = \"c0\"\nlabel = { secrecy_max = \"internal\", "
    "grade_max = \"important\" }\n";

PolicyReading read(const std::string& text) {
  PolicyReading out = must(policy::read_policy(kHead + text, made_catalogue()));
  for (const Error& problem : out.problems) FAIL(problem.context());
  return out;
}

std::string permit(const std::string& more = {}, const std::string& id = "P") {
  return "[[permit]]\nid = \"" + id + "\"\n" + kBox + more;
}

/// Of z0 to z1, class c0, unless it says otherwise.
std::string asked(const std::string& id, const std::string& secrecy, const std::string& given,
                  const std::string& expect) {
  return "[[test]]\nid = \"" + id +
         "\"\ngiven = { from = \"z0\", to = \"z1\", dataset = \"c0\", secrecy = \"" + secrecy +
         "\", grade = \"important\"" + given + " }\nexpect = { " + expect + " }\n";
}

const std::string kYes = "outcome = \"permit\"";
const std::string kNo = "outcome = \"deny\"";

}  // namespace

TEST_CASE("tests notice what they look at, and no more", "[policy]") {
  const auto survivors = [](const std::string& tests) {
    const PolicyReading reading = read(permit("require.approve.count = 2\n") + tests);
    for (const policy::TestCase& one : reading.tests)
      REQUIRE(meets(answer_of(reading.policy.book, one.given), one.expect));
    const MutationScore score = mutate(reading, made_catalogue());
    // The rule, five columns left out and each one step wider, an approval.
    CHECK(score.mutants == 12);
    return score.survivors.size();
  };
  const std::string good = asked("T-1", "internal", "", kYes);
  CHECK(survivors("") == 12);
  CHECK(survivors(good) == 11);
  CHECK(survivors(good + asked("T-2", "secret", "", kNo)) == 9);  // one step wider, and open
  CHECK(survivors(good + asked("T-2", "top-secret", "", kNo)) == 10);
  CHECK(survivors(asked("T-1", "internal", "", kYes + ", approvals = 2")) == 10);
  CHECK(survivors(asked("T-1", "internal", "", kYes + ", require = { approve = { count = 2 } }")) ==
        10);
}

TEST_CASE("a test may say exactly what all rules together demand", "[policy]") {
  const std::string rules =
      permit(
          "require.approve = { count = 2, roles = [\"r0\", \"r1\"] }\nrequire.limit = { "
          "size_mb = 5 }\nrequire.carrier = [\"online\", \"media\"]\n") +
      permit(
          "require.watermark = true\nrequire.notify = \"r2\"\nrequire.declassify = "
          "\"d1\"\nrequire.carrier = [\"one-way\", \"media\"]\n",
          "Q");
  const auto met = [&](const std::string& require) {
    const PolicyReading reading =
        read(rules + asked("T-1", "internal", "", kYes + ", require = " + require));
    const policy::TestCase& one = reading.tests.front();
    return meets(answer_of(reading.policy.book, one), one.expect);
  };
  const std::string good =
      "{ declassify = \"d1\", approve = { count = 2, roles = [\"r0\", \"r1\"] }, limit = { size_mb "
      "= 5 }, carrier = \"media\", watermark = true, notify = \"r2\" }";
  CHECK(met(good));
  const PolicyReading reading = read(rules + asked("T-1", "internal", "", kYes));
  CHECK(require_text(*answer_of(reading.policy.book, reading.tests.front().given).require,
                     made_catalogue()) == good);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"d1\"", "\"d2\""},
           {"count = 2", "count = 3"},
           {"[\"r0\", \"r1\"]", "\"r0\""},
           {"size_mb = 5", "size_mb = 6"},
           {"carrier = \"media\"", "carrier = [\"media\", \"online\"]"},
           {"watermark = true", "watermark = false"},
           {", notify = \"r2\"", ""}}) {
    std::string other = good;
    other.replace(other.find(from), from.size(), to);
    INFO(other);
    CHECK_FALSE(met(other));
  }
  CHECK_FALSE(met("{}"));
  const auto refused = must(policy::read_policy(
      kHead + rules + asked("T-1", "secret", "", kNo + ", require = {}"), made_catalogue()));
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems.front().context().find("a refusal demands nothing") != std::string::npos);
}

TEST_CASE("an end is covered by a test on it and one just beyond, not by one further away",
          "[policy]") {
  const auto uncovered = [](const std::string& column, const std::string& on,
                            const std::string& beyond) {
    const PolicyReading reading =
        read(permit(column) + asked("T-1", "open", on, kYes) + asked("T-2", "open", beyond, kNo));
    for (const policy::TestCase& one : reading.tests)
      REQUIRE(meets(answer_of(reading.policy.book, one.given), one.expect));
    std::size_t out = 0;
    for (const policy::Survivor& one : cover_boundaries(reading, made_catalogue()).survivors)
      if (one.en.starts_with("scale") || one.en.starts_with("time")) ++out;
    return out;
  };
  const std::string finest = "scale = { finest = 5000 }\n";
  CHECK(uncovered(finest, ", scale = 5000", ", scale = 4999") == 0);
  CHECK(uncovered(finest, ", scale = 5001", ", scale = 4999") == 1);
  CHECK(uncovered(finest, ", scale = 5000", ", scale = 4998") == 1);
  CHECK(uncovered("scale = { coarsest = 5000 }\n", ", scale = 5000", ", scale = 5001") == 0);
  const std::string hours = "when = { days = \"workdays\", hours = \"08:00-24:00\" }\n";
  const auto at = [](const std::string& time) { return ", at = 2026-03-03T" + time + "+08:00"; };
  CHECK(uncovered(hours, at("08:00:00"), at("07:59:59")) == 0);
  CHECK(uncovered(hours, at("08:01:00"), at("07:59:00")) == 1);
  CHECK(uncovered(hours, at("08:00:59"), at("07:58:59")) == 1);
}

TEST_CASE("what no request shows is no mutant", "[policy]") {
  // Beyond its end the permit is under a forbid; the second permit demands what the first does.
  const PolicyReading reading =
      read(permit("scale = { finest = 5000 }\nrequire.watermark = true\n") +
           permit("require.watermark = true\n", "Q") +
           "[[forbid]]\nid = \"F\"\nscale = { coarsest = 4999 }\n");
  const auto has = [](const MutationScore& score, const std::string& rule,
                      const std::string& what) {
    return std::ranges::any_of(score.survivors, [&](const policy::Survivor& one) {
      return one.rule == rule && one.en.starts_with(what);
    });
  };
  const MutationScore ends = cover_boundaries(reading, made_catalogue());
  CHECK_FALSE(has(ends, "P", "scale 4999"));
  CHECK(has(ends, "P", "scale 5001"));
  const MutationScore all = mutate(reading, made_catalogue());
  CHECK_FALSE(has(all, "P", "less than: with a watermark"));
  CHECK(has(all, "Q", "less than: with a watermark") == false);  // P demands it wherever Q is left
}

TEST_CASE("suggested tests are met, can be read, and leave nothing unnoticed that can be shown",
          "[policy]") {
  std::size_t suggested = 0;
  for (unsigned seed = 0; seed < 12; ++seed) {
    INFO("seed " << seed);
    PolicyMaker maker(seed);
    const std::string rules = PolicyMaker::policy_toml(maker.rules(8));
    const PolicyReading bare = must(policy::read_policy(rules, made_catalogue()));
    REQUIRE(bare.problems.empty());
    const auto naming = seed % 2 == 0 ? policy::Naming::ids : policy::Naming::chinese;
    std::string text = rules;
    for (const policy::Suggestion& one : suggest(bare, made_catalogue()))
      text += test_text(one.test, made_catalogue(), naming);
    const PolicyReading full = must(policy::read_policy(text, made_catalogue()));
    for (const Error& problem : full.problems) FAIL(problem.context());
    suggested += full.tests.size();
    for (const policy::TestCase& one : full.tests) {
      INFO(test_text(one, made_catalogue(), naming));
      CHECK(meets(answer_of(full.policy.book, one), one.expect));
    }
    const MutationScore all = mutate(full, made_catalogue());
    const MutationScore ends = cover_boundaries(full, made_catalogue());
    std::string left;
    for (const auto* score : {&all, &ends})
      for (const policy::Survivor& one : score->survivors) left += one.rule + ": " + one.en + "\n";
    INFO(left);
    CHECK(left.empty());
    CHECK(all.mutants > 50);
    CHECK(suggest(full, made_catalogue()).empty());
  }
  CHECK(suggested > 200);
}
