#include "policy/analysis/replay.hpp"

#include <catch2/catch.hpp>

#include "policy/asked.hpp"
#include "tests/support/must.hpp"
#include "tests/support/policy_questions.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using policy::Outcome;
using policy::PastDecision;
using policy::Policy;
using policy::Replay;
using policy::Replayer;
using test::must;
using test::PolicyMaker;

const Catalogue& made_catalogue() {
  static const Catalogue kCatalogue = must(Catalogue::parse(PolicyMaker::catalogue_toml()));
  return kCatalogue;
}

Policy read(const std::string& rules) {
  return must(
      Policy::parse("[policy]\nid = \"made\"\nversion = 1\neffective = "
                    "2026-01-01T00:00:00Z\nexpires = 2027-01-01T00:00:00Z\n"
                    "catalogue = \"made@1\"\n" +
                        rules,
                    made_catalogue()));
}

std::string permit(const std::string& secrecy, const std::string& more = {}) {
  return "[[permit]]\nid = \"P\"\nfrom = \"z0\"\nto = \"z1\"\ndataset = \"c0\"\nlabel = { "
         "secrecy_max = \"" +
         secrecy + "\", grade_max = \"core\" }\n" + more;
}

policy::Request request(flow::Secrecy secrecy) {
  policy::Request out;
  out.from = 0;
  out.to = 1;
  out.classes = {0};
  out.secrecy = secrecy;
  out.grade = flow::DataGrade::general;
  return out;
}

/// As decide tells it, by this policy.
PastDecision decided(const Policy& by, const policy::Request& request, std::uint64_t entry = 1) {
  const policy::Ruling ruling = by.book.judge(request);
  wire::JsonArray rules;
  for (const std::uint32_t number : ruling.rules) rules.emplace_back(by.book.rules()[number].id);
  wire::JsonArray declassifiers;
  for (const policy::NameIndex name : ruling.obligations.declassifiers)
    declassifiers.emplace_back(made_catalogue().declassifiers[name].id);
  const auto refusal = policy::refusal_of(ruling.obligations);
  const bool allowed = ruling.allowed && !refusal;
  return {.entry = entry,
          .transfer = "t",
          .event = wire::JsonObject{{"allowed", allowed},
                                    {"reason", allowed ? "ok" : "policy-no-permit"},
                                    {"rules", std::move(rules)},
                                    {"approvals", allowed ? ruling.obligations.approvals : 0U},
                                    {"declassifiers", std::move(declassifiers)},
                                    {"asked", asked_json(request, made_catalogue())}}};
}

Outcome outcome(const Policy& candidate, const PastDecision& past) {
  Replayer replayer(candidate, made_catalogue());
  replayer.add(past);
  const Replay replay = replayer.replay();
  REQUIRE(replay.groups.size() == 1);
  return replay.groups.front().outcome;
}

PastDecision with(PastDecision past, const std::string& key, const wire::Json& value) {
  wire::JsonObject members = *past.event.as_object();
  for (auto& [name, member] : members)
    if (name == key) member = value;
  past.event = std::move(members);
  return past;
}

PastDecision lacking(PastDecision past, const std::string& key) {
  wire::JsonObject members = *past.event.as_object();
  std::erase_if(members, [&](const auto& member) { return member.first == key; });
  past.event = std::move(members);
  return past;
}

}  // namespace

TEST_CASE("a past decision is asked again of a candidate, and what differs is told", "[policy]") {
  const Policy old = read(permit("internal", "require.approve.count = 2\n"));
  const PastDecision open = decided(old, request(flow::Secrecy::open));
  const PastDecision secret = decided(old, request(flow::Secrecy::secret));
  CHECK(outcome(old, open) == Outcome::same);
  CHECK(outcome(old, secret) == Outcome::same);
  CHECK(outcome(read(permit("secret", "require.approve.count = 2\n")), secret) ==
        Outcome::now_allowed);
  CHECK(outcome(read("[[forbid]]\nid = \"F\"\n"), open) == Outcome::now_refused);
  CHECK(outcome(read(""), open) == Outcome::now_refused);
  CHECK(outcome(read(permit("internal", "require.approve.count = 1\n")), open) ==
        Outcome::weakened);
  CHECK(outcome(read(permit("internal", "require.approve.count = 3\n")), open) ==
        Outcome::strengthened);
  // What this gateway cannot carry out, it refuses.
  CHECK(outcome(read(permit("internal", "require.watermark = true\n")), open) ==
        Outcome::now_refused);
}

TEST_CASE("what cannot be asked again is not known, and counts as widening", "[policy]") {
  const Policy old = read(permit("internal"));
  const PastDecision open = decided(old, request(flow::Secrecy::open));
  for (const PastDecision& past :
       {lacking(open, "asked"), with(open, "asked", nullptr), with(open, "asked", 7),
        lacking(open, "allowed"), PastDecision{.event = wire::JsonObject{}},
        with(with(open, "asked", nullptr), "allowed", false)}) {
    INFO(past.event.to_text());
    CHECK(outcome(old, past) == Outcome::unknown);
    Replayer replayer(old, made_catalogue());
    replayer.add(past);
    CHECK(replayer.replay().widens());
  }
  // What neither policy nor catalogue has a say in refuses again.
  const PastDecision unlinked =
      with(with(with(open, "asked", nullptr), "allowed", false), "reason", "link-absent");
  CHECK(outcome(old, unlinked) == Outcome::same);
  CHECK(outcome(old, with(with(open, "allowed", false), "reason", "link-absent")) == Outcome::same);
  // How large it was is not asked again.
  CHECK(outcome(old, with(with(open, "allowed", false), "reason", "size-over-limit")) ==
        Outcome::unknown);
  CHECK(outcome(old, with(with(open, "allowed", false), "reason", "policy-expired")) ==
        Outcome::now_allowed);
}

TEST_CASE("differences are grouped by what became of them and by rules", "[policy]") {
  const Policy old = read(permit("internal"));
  const Policy narrower = read(permit("open"));
  Replayer narrow(narrower, made_catalogue());
  for (std::uint64_t i = 0; i < 5; ++i)
    narrow.add(decided(old, request(i < 3 ? flow::Secrecy::internal : flow::Secrecy::open), i));
  const Replay replay = narrow.replay();
  CHECK(replay.decisions == 5);
  CHECK(replay.count(Outcome::now_refused) == 3);
  CHECK(replay.count(Outcome::same) == 2);
  CHECK_FALSE(replay.widens());
  REQUIRE(replay.groups.size() == 2);
  CHECK(replay.groups.back().rules == std::vector<std::string>{"P"});
  CHECK(replay.groups.back().example.entry == 0);
}

TEST_CASE("replayed over random policies, a decision differs just where the rule books do",
          "[policy]") {
  std::size_t changed = 0;
  for (unsigned seed = 0; seed < 10; ++seed) {
    PolicyMaker maker(seed);
    const Policy old =
        must(Policy::parse(PolicyMaker::policy_toml(maker.rules(20)), made_catalogue()));
    const Policy now =
        must(Policy::parse(PolicyMaker::policy_toml(maker.rules(20)), made_catalogue()));
    for (int i = 0; i < 1000; ++i) {
      const policy::Request asked = *test::record_of(maker.request(), made_catalogue());
      const auto allowed = [&](const Policy& by) {
        const policy::Ruling ruling = by.book.judge(asked);
        return ruling.allowed && !policy::refusal_of(ruling.obligations);
      };
      const Outcome out = outcome(now, decided(old, asked));
      if (!allowed(old) && allowed(now)) CHECK(out == Outcome::now_allowed);
      if (allowed(old) && !allowed(now)) CHECK(out == Outcome::now_refused);
      if (!allowed(old) && !allowed(now)) CHECK(out == Outcome::same);
      if (allowed(old) != allowed(now)) ++changed;
    }
  }
  CHECK(changed > 20);
}
