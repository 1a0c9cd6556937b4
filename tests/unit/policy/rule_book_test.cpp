// Two evaluators: the rule book's, and one that is slow and obvious.
#include "policy/rule_book.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "os/process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/policy_questions.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using policy::Policy;
using test::must;
using test::PolicyMaker;

constexpr unsigned kPolicies = 60;
constexpr int kRequests = 1500;  ///< of each policy

const Catalogue& made_catalogue() {
  static const Catalogue kCatalogue = must(Catalogue::parse(PolicyMaker::catalogue_toml()));
  return kCatalogue;
}

/// `HANGU_POLICY_REQUESTS`: how many requests in all, instead of those above.
int requests_of_each() {
  const auto wanted = os::environment("HANGU_POLICY_REQUESTS");
  return wanted ? std::max(1, std::atoi(wanted->c_str()) / static_cast<int>(kPolicies)) : kRequests;
}

}  // namespace

TEST_CASE("both evaluators say the same of random requests under random policies", "[policy]") {
  int allowed = 0;
  int forbidden = 0;
  int joined = 0;
  const int requests = requests_of_each();
  for (unsigned seed = 0; seed < kPolicies; ++seed) {
    PolicyMaker maker(seed);
    const auto rules = maker.rules(seed % 3 == 0 ? 200 : 1 + seed % 20);
    const Policy policy = must(Policy::parse(PolicyMaker::policy_toml(rules), made_catalogue()));
    for (int i = 0; i < requests; ++i) {
      const test::PlainRequest asked = maker.request();
      const auto plain = test::judge_plainly(rules, asked);
      const auto request = test::record_of(asked, made_catalogue());
      REQUIRE(request);
      const policy::Ruling ruling = policy.book.judge(*request);
      if (!test::is_same(ruling, plain, policy, made_catalogue()))
        FAIL("policy " << seed << ", request " << i << ": they differ");
      allowed += plain.allowed ? 1 : 0;
      forbidden += !plain.allowed && !plain.rules.empty() ? 1 : 0;
      joined += plain.allowed && plain.rules.size() > 1 ? 1 : 0;
    }
  }
  const int all = requests * static_cast<int>(kPolicies);  // each kind of answer must be frequent
  CHECK(allowed > all / 50);
  CHECK(forbidden > all / 20);
  CHECK(joined > all / 100);
}

TEST_CASE("the order of rules and a rule said twice change nothing", "[policy]") {
  PolicyMaker maker(7);
  const auto rules = maker.rules(60);
  const Policy policy = must(Policy::parse(PolicyMaker::policy_toml(rules), made_catalogue()));
  std::vector<policy::Rule> mixed = policy.book.rules();
  mixed.insert(mixed.end(), policy.book.rules().begin(), policy.book.rules().end());
  std::mt19937 chance(7);
  std::ranges::shuffle(mixed, chance);
  const policy::RuleBook other(mixed, policy.book.calendars());
  for (int i = 0; i < 3000; ++i) {
    const auto request = *test::record_of(maker.request(), made_catalogue());
    const policy::Ruling one = policy.book.judge(request);
    const policy::Ruling two = other.judge(request);
    REQUIRE(one.allowed == two.allowed);
    REQUIRE(one.obligations == two.obligations);
    REQUIRE(2 * one.rules.size() == two.rules.size());
  }
}

TEST_CASE(
    "a further permit takes nothing away and weakens nothing, a further forbid allows nothing",
    "[policy]") {
  PolicyMaker maker(11);
  const auto plain = maker.rules(40);
  const Policy policy = must(Policy::parse(PolicyMaker::policy_toml(plain), made_catalogue()));
  std::vector<policy::Rule> fewer = policy.book.rules();
  while (fewer.size() > 1) {
    const policy::Rule last = fewer.back();
    const policy::RuleBook with(fewer, policy.book.calendars());
    fewer.pop_back();
    const policy::RuleBook without(fewer, policy.book.calendars());
    for (int i = 0; i < 300; ++i) {
      const auto request = *test::record_of(maker.request(), made_catalogue());
      const policy::Ruling before = without.judge(request);
      const policy::Ruling after = with.judge(request);
      if (last.kind == policy::RuleKind::forbid) {
        REQUIRE((before.allowed || !after.allowed));
      } else if (before.allowed) {
        REQUIRE(after.allowed);
        policy::Obligations joined = after.obligations;
        joined.join(before.obligations);
        REQUIRE(joined == after.obligations);  // it holds all that was demanded before
      }
    }
  }
}

TEST_CASE("what a request does not know no permit matches that asks for it, and every forbid does",
          "[policy]") {
  const auto book_of = [](const std::string& rule) {
    return must(Policy::parse(PolicyMaker::policy_toml({}) + rule, made_catalogue())).book;
  };
  const std::string permit =
      "[[permit]]\nid = \"P\"\nfrom = [\"z0\"]\nto = [\"z1\"]\ndataset = [\"c0\"]\n"
      "label = { secrecy_max = \"secret\", grade_max = \"core\" }\n";
  policy::Request known{.from = 0,
                        .to = 1,
                        .classes = {0},
                        .secrecy = flow::Secrecy::secret,
                        .grade = flow::DataGrade::core,
                        .compartments = {0},
                        .areas = {*policy::Area::parse("3301")},
                        .placement = policy::Placement{.inside = {0}, .touched = {0}},
                        .scale = 10'000,
                        .at = must(WallTime::parse("2026-03-03T09:00:00+08:00")),
                        .node_level = policy::NameIndex{0},
                        .roles = policy::NameSet{0}};
  policy::Request unknown;
  unknown.to = 1;
  unknown.classes = {0};
  unknown.secrecy = flow::Secrecy::secret;
  CHECK(book_of(permit).judge(known).allowed);
  CHECK(book_of(permit).judge(unknown).allowed);
  for (const char* column : {"area = [\"33\"]", "area_set = [\"s0\"]", "scale = { finest = 10000 }",
                             "when = { days = \"工作日\", hours = \"09:00-10:00\" }",
                             "subject = { node_level = \"n0\" }", "subject = { role = \"r0\" }"}) {
    CAPTURE(column);
    const std::string line = std::string(column) + "\n";
    CHECK(book_of(permit + line).judge(known).allowed);
    CHECK_FALSE(book_of(permit + line).judge(unknown).allowed);
    std::string both = permit;
    both.append("[[forbid]]\nid = \"F\"\n").append(line);
    const auto forbidding = book_of(both);
    CHECK_FALSE(forbidding.judge(known).allowed);
    CHECK(forbidding.judge(unknown).rules == std::vector<std::uint32_t>{1});
  }
  unknown.classes = {};
  CHECK_FALSE(book_of(permit).judge(unknown).allowed);
  CHECK_FALSE(
      book_of(permit + "[[forbid]]\nid = \"F\"\ndataset = [\"c5\"]\n").judge(unknown).allowed);
}
