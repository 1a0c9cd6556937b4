#include "policy/analysis/diff.hpp"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

#include "policy/analysis/demand.hpp"
#include "tests/support/must.hpp"
#include "tests/support/policy_questions.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using policy::Change;
using policy::ChangeKind;
using policy::PolicyDiff;
using policy::PolicyReading;
using test::must;
using test::PlainRule;
using test::PolicyMaker;

const Catalogue& made_catalogue() {
  static const Catalogue kCatalogue = must(Catalogue::parse(PolicyMaker::catalogue_toml()));
  return kCatalogue;
}

PolicyReading read(const std::vector<PlainRule>& rules, const std::string& more = {}) {
  PolicyReading out =
      must(policy::read_policy(PolicyMaker::policy_toml(rules) + more, made_catalogue()));
  for (const Error& problem : out.problems) FAIL(problem.context());
  return out;
}

PolicyDiff diff(const PolicyReading& before, const PolicyReading& after) {
  return policy::difference(before, made_catalogue(), after, made_catalogue());
}

std::string told(const PolicyDiff& diff) {
  std::string out = diff.incomplete_en;
  for (const Change& change : diff.changes)
    out += std::string(to_text(change.kind)) + " [" + change.code + "]: " + change.en + "\n";
  return out;
}

std::size_t count(const PolicyDiff& diff, ChangeKind kind, const std::string& code) {
  return static_cast<std::size_t>(std::ranges::count_if(diff.changes, [&](const Change& change) {
    return change.kind == kind && change.code == code;
  }));
}

/// A policy near to another: rules left out, put in, and changed in one column or demand.
std::vector<PlainRule> changed(std::vector<PlainRule> rules, PolicyMaker& maker,
                               std::mt19937& chance) {
  const auto one_in = [&](unsigned n) { return chance() % n == 0; };
  std::vector<PlainRule> out;
  for (PlainRule& rule : rules) {
    if (one_in(12)) continue;
    if (one_in(6)) rule.scale.reset();
    if (one_in(6)) rule.when.reset();
    if (one_in(8)) rule.role.reset();
    if (one_in(8)) rule.within.reset();
    if (one_in(8)) rule.area_set.reset();
    if (one_in(8) && rule.dataset) rule.dataset->insert("c1");
    if (one_in(8) && rule.secrecy) rule.secrecy = std::max(0, *rule.secrecy - 1);
    if (!rule.forbid && one_in(6)) {
      rule.approver_roles.clear();
      rule.approvals = 1;
    }
    if (!rule.forbid && one_in(6)) rule.limits["objects"] = 7;
    if (!rule.forbid && one_in(8)) rule.declassify.clear();
    if (!rule.forbid && one_in(8)) rule.carriers = {"online"};
    out.push_back(rule);
  }
  PlainRule more = maker.rules(1).front();
  more.id = "R-more";
  out.push_back(more);
  return out;
}

bool covers(const PolicyDiff& diff, ChangeKind kind, const policy::Request& request) {
  return std::ranges::any_of(diff.changes, [&](const Change& change) {
    return change.kind == kind && diff.concerns(change, request);
  });
}

}  // namespace

TEST_CASE(
    "every request that two policies answer otherwise lies in a change of its kind, and no "
    "other does",
    "[policy]") {
  std::array<std::size_t, 4> seen{};
  for (unsigned seed = 0; seed < 60; ++seed) {
    INFO("seed " << seed);
    PolicyMaker maker(seed);
    std::mt19937 chance(seed);
    const std::vector<PlainRule> rules = maker.rules(12);
    const PolicyReading before = read(rules);
    const PolicyReading after = read(changed(rules, maker, chance));
    const PolicyDiff found = diff(before, after);
    INFO(told(found));
    REQUIRE(found.complete());
    // What is told whole: of a change with too many boxes some are left out.
    const bool whole = std::ranges::all_of(found.changes, [](const Change& change) {
      return change.regions.size() < policy::kDiffRegionsMax / 2;
    });
    for (int i = 0; i < 3000; ++i) {
      const policy::Request request = *test::record_of(maker.request(), made_catalogue());
      const policy::Ruling old = before.policy.book.judge(request);
      const policy::Ruling now = after.policy.book.judge(request);
      const bool allowed = old.allowed && now.allowed;
      const std::array<std::pair<ChangeKind, bool>, 4> expected{
          {{ChangeKind::newly_allowed, !old.allowed && now.allowed},
           {ChangeKind::newly_refused, old.allowed && !now.allowed},
           {ChangeKind::weakened, allowed && !demands_all_of(now.obligations, old.obligations)},
           {ChangeKind::strengthened,
            allowed && !demands_all_of(old.obligations, now.obligations)}}};
      for (const auto& [kind, differs] : expected) {
        INFO(to_text(kind) << " expected " << differs);
        if (differs) ++seen.at(static_cast<std::size_t>(kind));
        if (whole || !differs) REQUIRE(covers(found, kind, request) == differs);
      }
    }
  }
  for (const std::size_t count : seen) CHECK(count > 100);
}

TEST_CASE("each example of a change really is answered otherwise", "[policy]") {
  std::size_t examples = 0;
  for (unsigned seed = 100; seed < 140; ++seed) {
    PolicyMaker maker(seed);
    std::mt19937 chance(seed);
    const std::vector<PlainRule> rules = maker.rules(15);
    const PolicyReading before = read(rules);
    const PolicyReading after = read(changed(rules, maker, chance));
    const PolicyDiff found = diff(before, after);
    for (const Change& change : found.changes) {
      INFO(change.en);
      if (change.kind == ChangeKind::notice || change.code == "test") continue;
      REQUIRE(change.example);
      REQUIRE_FALSE(change.rules.empty());
      ++examples;
      const policy::Ruling old = before.policy.book.judge(change.example->request);
      const policy::Ruling now = after.policy.book.judge(change.example->request);
      CHECK(old != now);
      CHECK(found.concerns(change, change.example->request));
      if (change.kind == ChangeKind::newly_allowed) CHECK((!old.allowed && now.allowed));
      if (change.kind == ChangeKind::newly_refused) CHECK((old.allowed && !now.allowed));
      if (change.kind == ChangeKind::weakened)
        CHECK_FALSE(demands_all_of(now.obligations, old.obligations));
      if (change.kind == ChangeKind::strengthened)
        CHECK_FALSE(demands_all_of(old.obligations, now.obligations));
    }
  }
  CHECK(examples > 100);
}

TEST_CASE("rules in another order, said twice or in two halves are no difference", "[policy]") {
  for (unsigned seed = 200; seed < 220; ++seed) {
    INFO("seed " << seed);
    PolicyMaker maker(seed);
    std::vector<PlainRule> rules = maker.rules(20);
    const PolicyReading before = read(rules);
    std::ranges::reverse(rules);
    const PolicyDiff reversed = diff(before, read(rules));
    CHECK(told(reversed).empty());
    CHECK_FALSE(reversed.widens());
    std::vector<PlainRule> split;
    for (const PlainRule& rule : rules) {
      PlainRule half = rule;
      half.id += "-1";
      PlainRule other = rule;
      other.id += "-2";
      const auto low = rule.scale ? *rule.scale : std::pair<long, long>{1, 1'000'000'000};
      // A permit with a scale holds only what has one: halves are of rules that have it.
      if (rule.scale && low.first < low.second) {
        half.scale = std::pair<long, long>{low.first, low.first};
        other.scale = std::pair<long, long>{low.first + 1, low.second};
      } else if (rule.from && rule.from->size() > 1) {
        half.from = test::Texts{*rule.from->begin()};
        other.from->erase(other.from->begin());
      }
      split.push_back(half);
      split.push_back(other);
    }
    const PolicyDiff halved = diff(before, read(split));
    CHECK(told(halved).empty());
  }
}

TEST_CASE("one approval fewer, one grade more and a forbid gone are each told as what they are",
          "[policy]") {
  const std::string head =
      "[policy]\nid = \"made\"\nversion = 1\neffective = 1970-01-01T00:00:00Z\n"
      "expires = 2100-01-01T00:00:00Z\ncatalogue = \"made@1\"\n";
  const auto policy = [&](const std::string& count, const std::string& secrecy, bool forbid) {
    PolicyReading out = must(policy::read_policy(
        head + "[[permit]]\nid = \"P\"\nfrom = \"z0\"\nto = \"z1\"\ndataset = [\"c0\", \"c1\"]\n" +
            "label = { secrecy_max = \"" + secrecy +
            "\", grade_max = \"core\" }\nrequire.approve = { count = " + count + " }\n" +
            (forbid ? "[[forbid]]\nid = \"F\"\ndataset = \"c1\"\n" : ""),
        made_catalogue()));
    REQUIRE(out.problems.empty());
    return out;
  };
  const PolicyReading before = policy("2", "internal", true);
  CHECK(diff(before, before).changes.empty());
  const PolicyDiff fewer = diff(before, policy("1", "internal", true));
  REQUIRE(fewer.changes.size() == 1);
  CHECK(fewer.changes[0].kind == ChangeKind::weakened);
  CHECK(fewer.changes[0].code == "approve.count");
  CHECK(fewer.widens());
  CHECK(fewer.changes[0].example->before_en == "permitted (P): approved by 2 people");
  CHECK(fewer.changes[0].example->after_en == "permitted (P): approved by 1 person");
  const PolicyDiff more = diff(before, policy("3", "internal", true));
  CHECK(count(more, ChangeKind::strengthened, "approve.count") == 1);
  CHECK_FALSE(more.widens());
  const PolicyDiff higher = diff(before, policy("2", "secret", true));
  REQUIRE(higher.changes.size() == 1);
  CHECK(higher.changes[0].kind == ChangeKind::newly_allowed);
  CHECK(higher.changes[0].example->request.secrecy == flow::Secrecy::secret);
  CHECK(higher.changes[0].en ==
        "P newly allows: origin zone: name z0; destination zone: name z1; dataset class: only name "
        "c0; secrecy: secret 秘密.");
  const PolicyDiff gone = diff(before, policy("2", "internal", false));
  REQUIRE(count(gone, ChangeKind::newly_allowed, "access") >= 1);
  CHECK(std::ranges::any_of(gone.changes, [](const Change& change) {
    return change.rules.size() == 2 && change.rules[1].id == "F" && !change.rules[1].in_new;
  }));
}

TEST_CASE("two permits whose roles together make up the count demand no less than one did",
          "[policy]") {
  std::vector<PlainRule> one = PolicyMaker(1).rules(1);
  one[0].forbid = false;
  one[0].secrecy = 4;
  one[0].grade = 2;
  one[0].from = one[0].to = test::Texts{"z0", "z1"};
  one[0].dataset = test::Texts{"c0"};
  one[0].approver_roles = {"r0", "r1"};
  one[0].approvals = 2;
  std::vector<PlainRule> two{one[0], one[0]};
  two[0].approver_roles = {"r0"};
  two[1].approver_roles = {"r1"};
  two[0].approvals = two[1].approvals = 1;
  two[1].id = "R-1";
  CHECK(told(diff(read(one), read(two))).empty());
  two[1].approver_roles = {"r0"};
  const PolicyDiff less = diff(read(one), read(two));
  CHECK(count(less, ChangeKind::weakened, "approve.count") == 1);
  CHECK(count(less, ChangeKind::weakened, "approve.roles") == 1);
}

TEST_CASE("a policy that cannot be read, or is cut too finely, counts as widening", "[policy]") {
  const std::vector<PlainRule> rules = PolicyMaker(5).rules(5);
  PolicyReading broken = read(rules);
  broken.problems.emplace_back(ErrorCode::malformed, "config-value", "line 1:1: wrong");
  CHECK(diff(broken, read(rules)).widens());
  CHECK(diff(read(rules), broken).widens());
  std::vector<PlainRule> fine;
  for (std::size_t i = 0; i < policy::kDiffStepsMax && i < 3000; ++i) {
    PlainRule rule = rules.front();
    rule.id = "S-" + std::to_string(i);
    rule.scale = {static_cast<long>(2 * i + 1), static_cast<long>(2 * i + 1)};
    fine.push_back(rule);
  }
  const PolicyDiff cut = diff(read(fine), read(fine));
  CHECK_FALSE(cut.complete());
  CHECK(cut.widens());
  CHECK_FALSE(cut.incomplete_zh.empty());
}

TEST_CASE("what guards the rules is compared as well: promises, tests, period, parent, witnesses",
          "[policy]") {
  const auto policy = [&](const std::string& head, const std::string& more) {
    PolicyReading out = must(policy::read_policy(
        "[policy]\nid = \"made\"\nversion = 1\ncatalogue = \"made@1\"\n" + head + more,
        made_catalogue()));
    for (const Error& problem : out.problems) FAIL(problem.context());
    return out;
  };
  const std::string year = "effective = 2026-01-01T00:00:00Z\nexpires = 2027-01-01T00:00:00Z\n";
  const std::string longer = "effective = 2026-01-01T00:00:00Z\nexpires = 2027-01-01T00:00:01Z\n";
  const std::string never = "[[never]]\nid = \"N\"\norigin = { zone = \"z0\" }\nreach = \"z1\"\n";
  const std::string unless = never + "unless = { approvals_min = 2 }\n";
  const std::string test =
      "[[test]]\nid = \"T\"\ngiven = { from = \"z0\", to = \"z1\", dataset = \"c0\", secrecy = "
      "\"open\", grade = \"core\" }\nexpect = { outcome = \"deny\" }\n";
  const std::string hour = "[unwitnessed]\nafter = \"1h\"\nsecrecy = \"open\"\ngrade = \"core\"\n";
  const std::string day = "[unwitnessed]\nafter = \"1d\"\nsecrecy = \"open\"\ngrade = \"core\"\n";
  const std::string forbid = "[[forbid]]\nid = \"F\"\nto = \"z2\"\n";
  const std::string parent = "parent = \"higher@3\"\n";
  struct Case {
    std::string before_head, before, after_head, after;
    ChangeKind kind;
    std::string code;
  };
  const auto weak = ChangeKind::weakened;
  const auto strong = ChangeKind::strengthened;
  const std::vector<Case> cases{
      {year, never, year, "", weak, "never"},
      {year, never, year, unless, weak, "never"},
      {year, unless, year, never, strong, "never"},
      {year, test, year, "", weak, "test"},
      {year, hour, year, day, weak, "unwitnessed"},
      {year, hour, year, "", weak, "unwitnessed"},
      {year, day, year, hour, strong, "unwitnessed"},
      {year, "", longer, "", weak, "period"},
      {longer, "", year, "", strong, "period"},
      {year + parent, "", year, "", weak, "parent"},
      {year, "", year + parent, "", ChangeKind::notice, "parent"},
      {year, forbid, year, "", ChangeKind::notice, "forbid"},
  };
  for (const Case& one : cases) {
    const PolicyDiff found =
        diff(policy(one.before_head, one.before), policy(one.after_head, one.after));
    INFO(one.code << ": " << told(found));
    CHECK(found.complete());
    CHECK(count(found, one.kind, one.code) == 1);
    CHECK(found.widens() == (one.kind == weak));
    const PolicyReading same = policy(one.before_head, one.before);
    CHECK(told(diff(same, same)).empty());
  }
}

TEST_CASE("a catalogue that defines otherwise is told: geometry, calendar, products, names",
          "[policy]") {
  const std::string text = PolicyMaker::catalogue_toml();
  const PolicyReading before = read(PolicyMaker(7).rules(20));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    const std::size_t at = other.find(from);
    REQUIRE(at != std::string::npos);
    other.replace(at, from.size(), to);
    const Catalogue catalogue = must(Catalogue::parse(other));
    const PolicyReading after =
        must(policy::read_policy(PolicyMaker::policy_toml(PolicyMaker(7).rules(20)), catalogue));
    REQUIRE(after.problems.empty());
    return policy::difference(before, made_catalogue(), after, catalogue);
  };
  const std::string digest = std::string(64, 'a');
  CHECK(count(with(digest, std::string(64, 'b')), ChangeKind::weakened, "area-set") == 1);
  CHECK(count(with("\"fri\"]", "\"fri\", \"sat\"]"), ChangeKind::weakened, "calendar") == 1);
  CHECK(count(with("[\"any\"]", "[\"any\", \"more\"]"), ChangeKind::weakened, "product") == 1);
  CHECK(count(with("\"k3\"]", "\"k3\", \"k4\"]"), ChangeKind::weakened, "compartment") == 1);
  CHECK(count(with("名z0", "名字z0"), ChangeKind::notice, "title") == 1);
  CHECK_FALSE(with("名z0", "名字z0").widens());
}

TEST_CASE("a working day more lets a permit of working days hold more, at a time that is told",
          "[policy]") {
  std::string text = PolicyMaker::catalogue_toml();
  const std::string days = "\"fri\"]";
  text.insert(text.find(days) + days.size(), "\nworkdays = [\"2026-10-10\"]");
  const Catalogue catalogue = must(Catalogue::parse(text));
  std::vector<PlainRule> rules = PolicyMaker(1).rules(1);
  rules[0] = PlainRule{};
  rules[0].id = "R";
  rules[0].from = test::Texts{"z0"};
  rules[0].to = test::Texts{"z1"};
  rules[0].dataset = test::Texts{"c0"};
  rules[0].secrecy = rules[0].grade = 1;
  rules[0].when = PlainRule::Hours{.workdays = true, .from = 8, .to = 20};
  const PolicyReading before = read(rules);
  const PolicyReading after = must(policy::read_policy(PolicyMaker::policy_toml(rules), catalogue));
  const PolicyDiff found = policy::difference(before, made_catalogue(), after, catalogue);
  INFO(told(found));
  REQUIRE(count(found, ChangeKind::newly_allowed, "access") == 1);
  CHECK(found.changes[0].example->request.at == must(WallTime::parse("2026-10-10T08:00:00+08:00")));
}
