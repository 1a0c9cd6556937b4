#include "policy/analysis/contain.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/support/must.hpp"
#include "tests/support/policy_questions.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using policy::PolicyReading;
using test::must;
using test::PolicyMaker;

const Catalogue& made_catalogue() {
  static const Catalogue kCatalogue = must(Catalogue::parse(PolicyMaker::catalogue_toml()));
  return kCatalogue;
}

PolicyReading reading_of(const std::string& tables, const std::string& head = {}) {
  std::string text = PolicyMaker::policy_toml({});
  auto reading = must(policy::read_policy(text + head + tables, made_catalogue()));
  REQUIRE(reading.problems.empty());
  return reading;
}

const std::string kOfParent = "parent = \"made@1\"\n";

std::vector<std::string> codes(const std::string& parent, const std::string& child,
                               const std::string& head = kOfParent) {
  std::vector<std::string> out;
  for (const policy::Excess& one : excesses(reading_of(parent), reading_of(child, head)))
    out.push_back(one.code);
  return out;
}

std::string permit(const std::string& more = {}, const std::string& to = "\"z1\"") {
  return "[[permit]]\nid = \"P\"\nfrom = \"z0\"\nto = [" + to +
         "]\ndataset = \"c0\"\nlabel = { secrecy_max = \"secret\", grade_max = \"core\" }\n" + more;
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("a child that permits less, demands more and forbids more is contained", "[policy]") {
  const std::string parent = permit("require.approve.count = 1\n", "\"z1\", \"z2\"");
  CHECK(codes(parent, parent).empty());
  CHECK(codes(parent, "").empty());
  CHECK(codes(parent, permit("require.approve.count = 2\nscale = { finest = 5000 }\n") +
                          "[[forbid]]\nid = \"F\"\ndataset = \"c1\"\n")
            .empty());
}

TEST_CASE("a child that goes beyond its parent is told where", "[policy]") {
  const std::string parent = permit("require.approve.count = 1\n");
  CHECK(codes(parent, permit("require.approve.count = 1\n", "\"z2\"")) ==
        Codes{"child-permits-more"});
  CHECK(codes(parent, permit()) == Codes{"child-demands-less"});
  CHECK(codes(parent + "[[forbid]]\nid = \"F\"\ndataset = \"c1\"\n", parent) ==
        Codes{"child-forbid-missing"});
  const std::string never = "[[never]]\nid = \"N\"\norigin = { zone = \"z0\" }\nreach = \"z3\"\n";
  CHECK(codes(never, "") == Codes{"child-promise-missing"});
  CHECK(codes(never, never).empty());
  CHECK(codes("", "", "") == Codes{"child-parent"});
  CHECK(codes("", "", "parent = \"made@2\"\n") == Codes{"child-parent"});
  const auto unwitnessed = [](const char* after) {
    return std::string("[unwitnessed]\nafter = \"") + after +
           "\"\nsecrecy = \"internal\"\ngrade = \"general\"\n";
  };
  CHECK(codes(unwitnessed("1h"), unwitnessed("1h")).empty());
  CHECK(codes(unwitnessed("1h"), unwitnessed("61m")) == Codes{"child-unwitnessed"});
  CHECK(codes(unwitnessed("1h"), "") == Codes{"child-unwitnessed"});
}

TEST_CASE("a strict permit that the child narrows leaves the mild one beside it too mild",
          "[policy]") {
  const std::string mild =
      "[[permit]]\nid = \"M\"\nfrom = \"z0\"\nto = \"z1\"\ndataset = "
      "[\"c0\", \"c1\"]\nlabel = { secrecy_max = \"secret\", grade_max = \"core\" }\n";
  const std::string strict = permit("require.approve.count = 2\n");
  const std::string narrowed = permit("require.approve.count = 2\nscale = { finest = 5000 }\n");
  CHECK(codes(mild + strict, mild + strict).empty());
  CHECK(codes(mild + strict, mild + narrowed) == Codes{"child-demands-less"});
}

TEST_CASE("what is said to be contained is, for every request", "[policy]") {
  std::size_t contained = 0;
  std::size_t allowed = 0;
  for (unsigned seed = 0; seed < 60; ++seed) {
    PolicyMaker maker(seed);
    std::mt19937 chance(seed);
    const auto parent_rules = maker.rules(20);
    auto child_rules = parent_rules;
    for (test::PlainRule& rule : child_rules) {  // narrower, mostly
      if (rule.forbid) continue;
      if (chance() % 2 == 0) rule.approvals += 1;
      if (seed % 2 == 0) rule.secrecy = std::min(*rule.secrecy, 2);
      if (chance() % 40 == 0) rule.limits.clear();
      if (chance() % 40 == 0) rule.to->insert("z0");
    }
    const auto parent = reading_of(
        "", PolicyMaker::policy_toml(parent_rules).substr(PolicyMaker::policy_toml({}).size()));
    const auto child = reading_of(
        kOfParent +
        PolicyMaker::policy_toml(child_rules).substr(PolicyMaker::policy_toml({}).size()));
    const auto found = excesses(parent, child);
    const bool said = found.empty();
    contained += said ? 1U : 0U;
    for (int i = 0; i < 2000 && said; ++i) {
      const auto request = *test::record_of(maker.request(), made_catalogue());
      const policy::Ruling below = child.policy.book.judge(request);
      if (!below.allowed) continue;
      ++allowed;
      const policy::Ruling above = parent.policy.book.judge(request);
      REQUIRE(above.allowed);
      REQUIRE(demands_all_of(below.obligations, above.obligations));
    }
  }
  CHECK(contained > 10);
  CHECK(allowed > 200);
}
