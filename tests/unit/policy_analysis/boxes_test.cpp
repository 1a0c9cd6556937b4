#include "policy/analysis/boxes.hpp"

#include <catch2/catch.hpp>

#include "tests/support/must.hpp"
#include "tests/support/policy_questions.hpp"

namespace {

using namespace hangu;
using policy::Box;
using policy::Catalogue;
using policy::RuleKind;
using test::must;
using test::PolicyMaker;

const Catalogue& made_catalogue() {
  static const Catalogue kCatalogue = must(Catalogue::parse(PolicyMaker::catalogue_toml()));
  return kCatalogue;
}

/// Rules, and beside each one that is the same but for one column left out, or one more put in.
std::vector<policy::Rule> made_rules(PolicyMaker& maker) {
  std::vector<test::PlainRule> plain = maker.rules(60);
  const std::size_t before = plain.size();
  for (std::size_t i = 0; i < before; ++i) {
    test::PlainRule wider = plain[i];
    wider.id += "-w";
    if (i % 4 == 0) wider.area.reset();
    if (i % 4 == 1) wider.scale.reset();
    if (i % 4 == 2) wider.role.reset();
    if (i % 4 == 3 && wider.dataset) wider.dataset->insert("c0");
    plain.push_back(wider);
    test::PlainRule other = plain[i];  // a permit's box as a forbid's, and so the other way
    other.id += "-o";
    other.forbid = true;
    if (i % 2 == 0) other.secrecy = other.grade = 0;
    if (i % 3 == 0) other.within.reset();
    plain.push_back(other);
  }
  return must(policy::Policy::parse(PolicyMaker::policy_toml(plain), made_catalogue()))
      .book.rules();
}

}  // namespace

TEST_CASE("what is said of two boxes holds for every request", "[policy]") {
  std::size_t within = 0;
  std::size_t under = 0;
  std::size_t forbids_within = 0;
  std::size_t apart = 0;
  std::size_t both = 0;
  for (unsigned seed = 0; seed < 4; ++seed) {
    PolicyMaker maker(seed);
    const auto rules = made_rules(maker);
    std::vector<policy::Request> requests;
    requests.reserve(3000);
    for (int i = 0; i < 3000; ++i)
      requests.push_back(*test::record_of(maker.request(), made_catalogue()));
    // By a request for each rule: whether the box takes it.
    std::vector<std::vector<bool>> takes;
    for (const policy::Rule& rule : rules) {
      takes.emplace_back();
      for (const policy::Request& request : requests)
        takes.back().push_back(rule.kind == RuleKind::permit
                                   ? permits(rule.box, request, made_catalogue().calendar_days)
                                   : forbids(rule.box, request, made_catalogue().calendar_days));
    }
    const auto implies = [&](std::size_t i, std::size_t j) {
      for (std::size_t k = 0; k < requests.size(); ++k)
        if (takes[i][k] && !takes[j][k]) return false;
      return true;
    };
    const auto meet = [&](std::size_t i, std::size_t j) {
      for (std::size_t k = 0; k < requests.size(); ++k)
        if (takes[i][k] && takes[j][k]) return true;
      return false;
    };
    for (std::size_t i = 0; i < rules.size(); ++i) {
      for (std::size_t j = 0; j < rules.size(); ++j) {
        if (i == j) continue;
        const Box& one = rules[i].box;
        const Box& other = rules[j].box;
        const bool permit = rules[i].kind == RuleKind::permit;
        const bool other_permit = rules[j].kind == RuleKind::permit;
        INFO(rules[i].id << " and " << rules[j].id << ", seed " << seed);
        if (permit && other_permit && permit_within(one, other)) {
          ++within;
          REQUIRE(implies(i, j));
        }
        if (permit && !other_permit && permit_under(one, other)) {
          ++under;
          REQUIRE(implies(i, j));
        }
        if (!permit && !other_permit && forbid_within(one, other)) {
          ++forbids_within;
          REQUIRE(implies(i, j));
        }
        if (permit && other_permit && (i + j) % 2 == 0) {
          const std::size_t third = (i * 7 + j) % rules.size();
          if (rules[third].kind == RuleKind::permit && both_within(one, other, rules[third].box)) {
            ++both;
            for (std::size_t k = 0; k < requests.size(); ++k)
              REQUIRE((!takes[i][k] || !takes[j][k] || takes[third][k]));
          }
        }
        if (permit && other_permit && !permits_overlap(one, other)) {
          ++apart;
          REQUIRE_FALSE(meet(i, j));
        }
      }
    }
  }
  CHECK(within > 150);  // each was said often enough to mean something
  CHECK(under > 30);
  CHECK(forbids_within > 100);
  CHECK(apart > 500);
  CHECK(both > 20);
}

TEST_CASE("a box lies within itself, and in one column more or less as that column says",
          "[policy]") {
  const Box any;
  Box some;
  some.from = policy::NameSet{0, 1};
  Box fewer;
  fewer.from = policy::NameSet{0};
  CHECK(permit_within(some, some));
  CHECK(permit_within(fewer, some));
  CHECK_FALSE(permit_within(some, fewer));
  CHECK(permit_within(some, any));
  CHECK_FALSE(permit_within(any, some));
  Box fine;
  fine.scale = policy::ScaleRange{.finest = 1, .coarsest = 4999};
  Box coarse;
  coarse.scale = policy::ScaleRange{.finest = 5000};
  CHECK_FALSE(permits_overlap(fine, coarse));
  coarse.scale->finest = 4999;
  CHECK(permits_overlap(fine, coarse));
  CHECK(permit_under(fine, fine));
  CHECK_FALSE(permit_under(any, fine));  // a coarse one is not forbidden
  Box all_scales;
  all_scales.scale = policy::ScaleRange{};
  CHECK(permit_under(any, all_scales));  // what has no scale is touched, too
  CHECK_FALSE(permit_within(any, all_scales));
}
