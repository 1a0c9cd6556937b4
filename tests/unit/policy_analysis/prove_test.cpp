#include "policy/analysis/prove.hpp"

#include <algorithm>
#include <cstdlib>

#include <catch2/catch.hpp>

#include "os/process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/policy_questions.hpp"

namespace {

using namespace hangu;
using policy::Answer;
using policy::Catalogue;
using policy::NameIndex;
using policy::Promise;
using test::must;
using test::PolicyMaker;

const Catalogue& made_catalogue() {
  static const Catalogue kCatalogue = must(Catalogue::parse(PolicyMaker::catalogue_toml()));
  return kCatalogue;
}

std::string permit(const std::string& id, const std::string& from, const std::string& to,
                   const std::string& more = {}) {
  return "[[permit]]\nid = \"" + id + "\"\nfrom = \"" + from + "\"\nto = \"" + to +
         "\"\ndataset = \"c0\"\nlabel = { secrecy_max = \"secret\", grade_max = \"core\" }\n" +
         more;
}

policy::PolicyReading reading_of(const std::string& tables) {
  auto reading = must(policy::read_policy(PolicyMaker::policy_toml({}) + tables, made_catalogue()));
  for (const Error& problem : reading.problems) UNSCOPED_INFO(problem.message());
  REQUIRE(reading.problems.empty());
  return reading;
}

policy::Proof proof_of(const std::string& rules, const std::string& promise) {
  const auto reading = reading_of(rules + "[[never]]\nid = \"N\"\n" + promise);
  return prove(reading.promises.front(), reading.policy.book, made_catalogue());
}

constexpr const char* kNever =
    "origin = { zone = \"z0\", secrecy_min = \"secret\" }\nreach = \"z2\"\n";

/// Columns that a proof leaves out.
policy::Box bare(policy::Box box) {
  box.when.reset();
  box.node_levels.reset();
  box.roles.reset();
  box.area_sets.reset();
  return box;
}

policy::Request data_of(const Promise& promise, const policy::Slice& slice, NameIndex from,
                        NameIndex to) {
  policy::Request out;
  out.from = from;
  out.to = to;
  out.classes = {slice.dataset};
  out.secrecy = promise.origin.secrecy_min;
  out.grade = promise.origin.grade_min;
  out.compartments = promise.origin.within;
  out.areas = {policy::Area{.first = slice.area.first, .end = slice.area.first + 1}};
  out.scale = slice.scale.finest;
  return out;
}

/// Each hop is one that its permit holds, and the end breaks the promise.
bool is_real(const policy::Breach& breach, const Promise& promise, const policy::RuleBook& book) {
  policy::Place place{
      .zone = breach.from, .declassified = 0, .approved = promise.approvals_min == 0};
  if (!promise.origin.zones.contains(place.zone)) return false;
  for (const policy::Hop& hop : breach.hops) {
    const policy::Rule& rule = book.rules()[hop.rule];
    if (!permits(bare(rule.box), data_of(promise, breach.slice, place.zone, hop.to),
                 book.calendars()))
      return false;
    place = {.zone = hop.to,
             .declassified = place.declassified | declassified_by(promise, rule.obligations),
             .approved = place.approved || rule.obligations.approvals >= promise.approvals_min};
  }
  return !keeps(promise, place);
}

Promise made_promise(std::mt19937& chance) {
  const auto below = [&](std::size_t end) { return static_cast<NameIndex>(chance() % end); };
  Promise out;
  out.id = "N";
  out.origin.zones = {below(2)};
  out.origin.secrecy_min = static_cast<flow::Secrecy>(below(4));
  out.origin.grade_min = static_cast<flow::DataGrade>(below(2));
  if (below(2) == 0) out.origin.dataset = policy::NameSet{below(6), below(6)};
  if (below(4) == 0) out.origin.within = {below(4)};
  out.reach = {static_cast<NameIndex>(2 + below(2))};
  if (below(2) == 0) out.declassified_by = {below(4)};
  if (below(3) == 0) out.declassified_by.insert(below(4));
  if (below(2) == 0) out.approvals_min = 1U + below(3);
  return out;
}

/// Walks data about at random, by one permit at a time; true when it came where it never may.
bool walks_into_a_breach(const Promise& promise, const policy::RuleBook& book,
                         std::mt19937& chance) {
  policy::Slice slice{.dataset = static_cast<NameIndex>(chance() % 6), .area = {}, .scale = {}};
  if (promise.origin.dataset && !promise.origin.dataset->contains(slice.dataset)) return false;
  slice.area.first = 10'000 * static_cast<std::uint32_t>(11 + chance() % 3) + 101 + chance() % 2;
  slice.scale.finest = 1000 * static_cast<std::int64_t>(1 + chance() % 10);
  policy::Place place{.zone = *promise.origin.zones.begin(),
                      .declassified = 0,
                      .approved = promise.approvals_min == 0};
  for (int hop = 0; hop < 12; ++hop) {
    const policy::Rule& rule = book.rules()[chance() % book.rules().size()];
    const auto to = static_cast<NameIndex>(chance() % 4);
    policy::Request request = data_of(promise, slice, place.zone, to);
    if (rule.kind != policy::RuleKind::permit ||
        !permits(bare(rule.box), request, book.calendars()))
      continue;
    place = {.zone = to,
             .declassified = place.declassified | declassified_by(promise, rule.obligations),
             .approved = place.approved || rule.obligations.approvals >= promise.approvals_min};
    if (!keeps(promise, place)) return true;
  }
  return false;
}

/// `HANGU_POLICY_PROMISES`: how many random policies.
unsigned promises() {
  const auto wanted = os::environment("HANGU_POLICY_PROMISES");
  return wanted ? static_cast<unsigned>(std::atoi(wanted->c_str())) : 150;
}

}  // namespace

TEST_CASE("a promise that one flow breaks, two flows break, or none does", "[policy]") {
  const auto one = proof_of(permit("P", "z0", "z2"), kNever);
  CHECK(one.by_search == Answer::broken);
  CHECK(one.by_solver == Answer::broken);
  REQUIRE(one.breach);
  CHECK(one.breach->hops.size() == 1);
  const auto two = proof_of(permit("P", "z0", "z1") + permit("Q", "z1", "z2"), kNever);
  CHECK_FALSE(two.holds());
  REQUIRE(two.breach);
  CHECK(two.breach->hops.size() == 2);
  CHECK(proof_of(permit("P", "z0", "z1") + permit("Q", "z3", "z2"), kNever).holds());
  CHECK(proof_of("", kNever).holds());
}

TEST_CASE("a promise speaks of labels from its own on, and of its own classes", "[policy]") {
  const std::string above =
      "origin = { zone = \"z0\", secrecy_min = \"confidential\" }\nreach = \"z2\"\n";
  CHECK(proof_of(permit("P", "z0", "z2"), above).holds());  // the permit holds secret at most
  const std::string of_class = "origin = { zone = \"z0\", dataset = \"c1\" }\nreach = \"z2\"\n";
  CHECK(proof_of(permit("P", "z0", "z2"), of_class).holds());
  const std::string with = "origin = { zone = \"z0\", within = \"k1\" }\nreach = \"z2\"\n";
  const std::string within_k0 =
      "[[permit]]\nid = \"P\"\nfrom = \"z0\"\nto = \"z2\"\ndataset = \"c0\"\n"
      "label = { secrecy_max = \"secret\", grade_max = \"core\", within = \"k0\" }\n";
  CHECK_FALSE(proof_of(within_k0, kNever).holds());  // what has no compartment is held
  CHECK(proof_of(within_k0, with).holds());
  CHECK_FALSE(proof_of(permit("P", "z0", "z2"), with).holds());
}

TEST_CASE("two flows meet only in data that both hold", "[policy]") {
  const auto apart = [&](const char* first, const char* second) {
    return proof_of(permit("P", "z0", "z1", first) + permit("Q", "z1", "z2", second), kNever)
        .holds();
  };
  CHECK(apart("scale = { finest = 5000 }\n", "scale = { coarsest = 4999 }\n"));
  CHECK_FALSE(apart("scale = { finest = 5000 }\n", "scale = { coarsest = 5000 }\n"));
  CHECK(apart("area = \"33\"\n", "area = \"3201\"\n"));
  CHECK_FALSE(apart("area = \"33\"\n", "area = \"330106\"\n"));
  CHECK_FALSE(apart("area = \"33\"\n", ""));
  CHECK_FALSE(apart("subject = { node_level = \"n0\" }\n", "subject = { node_level = \"n1\" }\n"));
}

TEST_CASE("declassifiers add up along a path, approvals do not", "[policy]") {
  const std::string unless =
      std::string(kNever) + "unless = { declassified_by = [\"d0\", \"d1\"] }\n";
  const std::string first = permit("P", "z0", "z1", "require.declassify = \"d0\"\n");
  CHECK(proof_of(first + permit("Q", "z1", "z2", "require.declassify = \"d1\"\n"), unless).holds());
  CHECK_FALSE(proof_of(first + permit("Q", "z1", "z2"), unless).holds());
  // Another way round, on which nothing runs, breaks it.
  CHECK_FALSE(proof_of(first + permit("Q", "z1", "z2", "require.declassify = \"d1\"\n") +
                           permit("R", "z0", "z1"),
                       unless)
                  .holds());
  const std::string approved = std::string(kNever) + "unless = { approvals_min = 2 }\n";
  const auto by = [](int here, int there) {
    const auto count = [](int of) {
      return "require.approve.count = " + std::to_string(of) + "\n";
    };
    return permit("P", "z0", "z1", count(here)) + permit("Q", "z1", "z2", count(there));
  };
  CHECK(proof_of(by(2, 0), approved).holds());
  CHECK(proof_of(by(0, 2), approved).holds());
  CHECK_FALSE(proof_of(by(1, 1), approved).holds());
}

TEST_CASE("what a zone's ceiling keeps out does not pass through it", "[policy]") {
  std::string text = PolicyMaker::catalogue_toml();
  const std::size_t zone = text.find("id = \"z1\"");
  const std::size_t at = text.find("ceiling_secrecy = \"top-secret\"", zone);
  text.replace(at, std::string("ceiling_secrecy = \"top-secret\"").size(),
               "ceiling_secrecy = \"internal\"");
  const Catalogue low = must(Catalogue::parse(text));
  const auto reading =
      must(policy::read_policy(PolicyMaker::policy_toml({}) + permit("P", "z0", "z1") +
                                   permit("Q", "z1", "z2") + "[[never]]\nid = \"N\"\n" + kNever,
                               low));
  CHECK(prove(reading.promises.front(), reading.policy.book, low).holds());
  CHECK_FALSE(prove(reading.promises.front(), reading.policy.book, made_catalogue()).holds());
}

TEST_CASE("both methods agree on random policies, and a breach is one that can be walked",
          "[policy]") {
  std::size_t broken = 0;
  std::size_t held = 0;
  for (unsigned seed = 0; seed < promises(); ++seed) {
    INFO("seed " << seed);
    PolicyMaker maker(seed);
    std::mt19937 chance(seed);
    const auto plain = maker.rules(3 + seed % 20);
    const auto reading =
        must(policy::read_policy(PolicyMaker::policy_toml(plain), made_catalogue()));
    const policy::RuleBook& book = reading.policy.book;
    const Promise promise = made_promise(chance);
    const policy::Proof proof = prove(promise, book, made_catalogue());
    REQUIRE(proof.by_search == proof.by_solver);
    REQUIRE(proof.by_search != Answer::unknown);
    if (proof.breach) {
      ++broken;
      REQUIRE(is_real(*proof.breach, promise, book));
    } else {
      ++held;
      for (int i = 0; i < 400; ++i) REQUIRE_FALSE(walks_into_a_breach(promise, book, chance));
    }
  }
  CHECK(broken > promises() / 8);
  CHECK(held > promises() / 8);
}

TEST_CASE("the second method does not take the first one's word", "[policy]") {
  std::mt19937 chance(5);
  PolicyMaker maker(5);
  std::size_t tried = 0;
  for (unsigned seed = 0; tried < 12 && seed < 200; ++seed) {
    const auto reading =
        must(policy::read_policy(PolicyMaker::policy_toml(maker.rules(12)), made_catalogue()));
    const Promise promise = made_promise(chance);
    const policy::Reach reach = reach_of(promise, reading.policy.book, made_catalogue());
    if (reach.breach || reach.slices.empty()) continue;
    std::string detail;
    REQUIRE(check_by_solver(promise, reading.policy.book, made_catalogue(), reach, detail) ==
            Answer::holds);
    policy::Reach less = reach;  // one place is kept from it
    auto& places = less.slices[chance() % less.slices.size()].places;
    places.erase(places.begin() + static_cast<std::ptrdiff_t>(chance() % places.size()));
    CHECK(check_by_solver(promise, reading.policy.book, made_catalogue(), less, detail) ==
          Answer::broken);
    policy::Reach part = reach;  // and a slice as a whole
    part.slices.erase(part.slices.begin() +
                      static_cast<std::ptrdiff_t>(chance() % part.slices.size()));
    CHECK(check_by_solver(promise, reading.policy.book, made_catalogue(), part, detail) ==
          Answer::broken);
    ++tried;
  }
  CHECK(tried == 12);
}

TEST_CASE("what is too much to search is not called proved", "[policy]") {
  std::string text = PolicyMaker::catalogue_toml();
  for (int i = 4; i < 14; ++i)
    text += "[[declassifier]]\nid = \"d" + std::to_string(i) + "\"\ntitle_zh = \"第" +
            std::to_string(i) + "\"\ntitle_en = \"the " + std::to_string(i) + "\"\n";
  const Catalogue catalogue = must(Catalogue::parse(text));
  const auto proof_with = [&](int declassifiers) {
    std::string rules;
    std::string named;
    for (int i = 0; i < declassifiers; ++i) {
      const std::string id = "d" + std::to_string(i);
      rules += permit("P-" + id, "z0", "z0", "require.declassify = \"" + id + "\"\n");
      named += (i == 0 ? "\"" : ", \"") + id + "\"";
    }
    const auto reading = must(policy::read_policy(
        PolicyMaker::policy_toml({}) + rules + "[[never]]\nid = \"N\"\norigin.zone = \"z0\"\n" +
            "reach = \"z2\"\nunless.declassified_by = [" + named + "]\n",
        catalogue));
    REQUIRE(reading.problems.empty());
    return prove(reading.promises.front(), reading.policy.book, catalogue);
  };
  CHECK(proof_with(6).holds());  // 64 places
  const policy::Proof much = proof_with(14);
  CHECK(much.by_search == Answer::unknown);
  CHECK(much.by_solver == Answer::unknown);
  CHECK_FALSE(much.holds());
  CHECK_FALSE(much.detail.empty());
}

TEST_CASE("a promise that says nothing, or of where data is already, is refused", "[policy]") {
  const auto reason_of = [](const std::string& table) {
    const auto reading = must(policy::read_policy(
        PolicyMaker::policy_toml({}) + "[[never]]\nid = \"N\"\n" + table, made_catalogue()));
    return reading.problems.empty() ? std::string("read")
                                    : std::string(reading.problems.front().reason());
  };
  CHECK(reason_of(kNever) == "read");
  CHECK(reason_of("reach = \"z2\"\n") == "config-value");
  CHECK(reason_of("origin = { zone = \"z0\" }\n") == "config-value");
  CHECK(reason_of("origin = { zone = \"z0\" }\nreach = [\"z0\", \"z1\"]\n") == "config-value");
  CHECK(reason_of("origin = { zone = \"z9\" }\nreach = \"z1\"\n") == "policy-name-unknown");
  CHECK(reason_of(std::string(kNever) + "unless = { }\n") == "config-value");
  CHECK(reason_of(std::string(kNever) + "unless = { approvals_min = 0 }\n") == "config-value");
  CHECK(reason_of(std::string(kNever) + "unless = { approvals_min = 16 }\n") == "read");
  CHECK(reason_of(std::string(kNever) + "unless = { approvals_min = 17 }\n") == "config-value");
  CHECK(reason_of(std::string(kNever) + "colour = 1\n") == "config-unknown-key");
}
