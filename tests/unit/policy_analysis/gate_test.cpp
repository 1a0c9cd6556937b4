// The gate: what must be true of a bundle before it may count.

#include "policy/analysis/gate.hpp"

#include <algorithm>

#include "tests/support/must.hpp"

namespace {

using namespace hangu;
using policy::Candidate;
using policy::GateRuling;
using test::must;
using test::source_file;

const std::string kNames = source_file("policy/examples/demo.catalogue.toml");

std::string head(const std::string& more = "version = 1\n") {
  return "[policy]\nid = \"p\"\n" + more +
         "effective = 2026-01-01T00:00:00Z\nexpires = 2027-01-01T00:00:00Z\n"
         "catalogue = \"" +
         must(policy::Catalogue::parse(kNames)).name() + "\"\n";
}

const std::string kPermit =
    "[[permit]]\nid = \"P-1\"\nfrom = \"egov\"\nto = \"internet\"\ndataset = \"imagery\"\n"
    "label = { secrecy_max = \"公开\", grade_max = \"一般\" }\n"
    "require.approve = { count = 2, roles = [\"reviewer\"] }\n";

Candidate candidate(const std::string& text, std::uint32_t release = 1) {
  policy::Bundle bundle;
  bundle.policy = text;
  bundle.release = release;
  return must(policy::read_candidate(bundle, kNames));
}

GateRuling ruling(const Candidate& candidate, const policy::Standards& standards = {}) {
  return policy::examine(candidate, standards, must(WallTime::parse("2026-06-01T00:00:00Z")));
}

std::string first_code(const GateRuling& ruling) {
  return ruling.passes() ? "passes" : ruling.obstacles.front().code;
}

std::string first_code(const std::string& text, const policy::Standards& standards = {}) {
  return first_code(ruling(candidate(text), standards));
}

}  // namespace

TEST_CASE("a policy that reads, keeps its promises and meets its tests passes the gate", "[gate]") {
  const std::string text =
      head() + kPermit +
      "[[never]]\nid = \"N-1\"\norigin = { zone = \"egov\", secrecy_min = \"公开\" }\n"
      "reach = \"internet\"\nunless = { approvals_min = 2 }\n"
      "[[test]]\nid = \"T-1\"\ngiven = { from = \"egov\", to = \"internet\", dataset = "
      "\"imagery\", "
      "secrecy = \"公开\", grade = \"一般\" }\nexpect = { outcome = \"permit\", approvals = 2 }\n";
  const GateRuling found = ruling(candidate(text));
  CHECK(found.passes());
  CHECK(found.promises == 1);
  CHECK(found.tests == 1);
}

TEST_CASE(
    "a broken promise, a failed test, an error of reading or an end that is past stop a policy",
    "[gate]") {
  const std::string never =
      "[[never]]\nid = \"N-1\"\norigin = { zone = \"egov\", secrecy_min = \"公开\" }\n"
      "reach = \"internet\"\nunless = { approvals_min = 3 }\n";
  CHECK(first_code(head() + kPermit + never) == "promise-not-proved");
  const std::string test =
      "[[test]]\nid = \"T-1\"\ngiven = { from = \"egov\", to = \"internet\", dataset = "
      "\"imagery\", "
      "secrecy = \"公开\", grade = \"一般\" }\nexpect = { outcome = \"deny\" }\n";
  CHECK(first_code(head() + kPermit + test) == "test-failed");
  CHECK(first_code(head() + kPermit + "[[permit]]\nid = \"P-2\"\nfrom = \"nowhere\"\n") ==
        "policy-name-unknown");
  std::string past = head() + kPermit;
  past.replace(past.find("2027"), 4, "2026");
  past.replace(past.find("2026-01-01"), 4, "2025");
  CHECK(first_code(past) == "policy-expired");
}

TEST_CASE("a release must be above the one in force, and other content needs another version",
          "[gate]") {
  const Candidate before = candidate(head() + kPermit, 5);
  const auto after = [&](const std::string& text, std::uint32_t release) {
    return first_code(ruling(candidate(text, release), {.in_force = &before, .released = 5}));
  };
  CHECK(after(head("version = 2\n") + kPermit, 6) == "passes");
  CHECK(after(head("version = 2\n") + kPermit, 5) == "release-not-higher");
  CHECK(after(head("version = 2\n") + kPermit, 4) == "release-not-higher");
  CHECK(after(head() + kPermit, 6) == "passes");  // the same content again
  CHECK(after(head() + kPermit, 5 + policy::kReleasesSkippedMax) == "passes");
  CHECK(after(head() + kPermit, 6 + policy::kReleasesSkippedMax) == "release-too-high");
  CHECK(after(head() + kPermit + "# changed\n", 6) == "policy-version-kept");
}

TEST_CASE("what is in force is the measure of what a policy changes", "[gate]") {
  const Candidate before = candidate(head() + kPermit, 1);
  const auto widens = [&](const std::string& text) {
    const GateRuling found = ruling(candidate(text, 2), {.in_force = &before});
    REQUIRE(found.passes());
    return found.changes.widens();
  };
  CHECK_FALSE(widens(head("version = 2\n") + kPermit));
  CHECK_FALSE(
      widens(head("version = 2\n") + kPermit + "[[forbid]]\nid = \"F-1\"\nto = \"internet\"\n"));
  std::string one_approval = kPermit;
  one_approval.replace(one_approval.find("count = 2"), 9, "count = 1");
  CHECK(widens(head("version = 2\n") + one_approval));
  std::string more = kPermit;
  more.replace(more.find("dataset = \"imagery\""), 19, "dataset = [\"imagery\", \"elevation\"]");
  CHECK(widens(head("version = 2\n") + more));
}

TEST_CASE("a gateway below another takes only a policy that narrows its parent's", "[gate]") {
  const Candidate parent = candidate(head() + kPermit);
  const policy::Standards below{.parent = &parent, .parent_demanded = true};
  const std::string named = "version = 1\nparent = \"p@1\"\n";
  std::string child = head(named);
  child.replace(child.find("\"p\""), 3, "\"c\"");
  CHECK(first_code(child + kPermit, below) == "passes");
  std::string wider = kPermit;
  wider.replace(wider.find("count = 2"), 9, "count = 1");
  CHECK(first_code(child + wider, below) == "child-demands-less");
  CHECK(first_code(head() + kPermit, below) == "child-parent");
  CHECK(first_code(child + kPermit, {.parent_demanded = true}) == "policy-parent-missing");
  CHECK(first_code(head() + kPermit, {.parent_demanded = true}) == "policy-parent-missing");
  CHECK(first_code(child + kPermit) == "policy-parent-missing");  // it names one that nobody has
  // The parent in force gives way to a later one alone.
  policy::Standards later = below;
  later.parent_release = parent.release;
  later.parent_digest = parent.digest;
  CHECK(first_code(child + kPermit, later) == "passes");
  later.parent_digest = "another of the same number";
  CHECK(first_code(child + kPermit, later) == "parent-older");
  later.parent_release = parent.release + 1;
  CHECK(first_code(child + kPermit, later) == "parent-older");
  CHECK(first_code(head() + kPermit, {.parent_release = 1}) == "parent-older");
}

TEST_CASE("who approves is held to permit by permit, not to the highest number and all roles",
          "[gate]") {
  const auto rule = [](const std::string& id, const std::string& approve) {
    std::string text = kPermit;
    text.replace(text.find("P-1"), 3, id);
    text.replace(text.find("{ count = 2, roles = [\"reviewer\"] }"), 35, approve);
    return text;
  };
  const auto widens = [&](const std::string& before, const std::string& after) {
    const Candidate old = candidate(head() + before, 1);
    const GateRuling found =
        ruling(candidate(head("version = 2\n") + after, 2), {.in_force = &old});
    REQUIRE(found.passes());
    return found.changes.widens();
  };
  const std::string two = "{ count = 2, roles = [\"reviewer\"] }";
  const std::string both = "{ count = 2, roles = [\"reviewer\", \"security-officer\"] }";
  const std::string officers = "{ count = 2, roles = [\"security-officer\"] }";
  CHECK_FALSE(widens(rule("P-1", two), rule("P-1", two)));
  // The second reviewer is gone, though the number is the same and a role more is named.
  CHECK(widens(rule("P-1", two), rule("P-1", both)));
  // Two of each become one of each.
  CHECK(widens(rule("P-1", two) + rule("P-2", officers), rule("P-1", both)));
  CHECK_FALSE(
      widens(rule("P-1", two) + rule("P-2", officers), rule("P-2", officers) + rule("P-3", two)));
  CHECK_FALSE(widens(rule("P-1", two), rule("P-1", two) + rule("P-2", officers)));
  // As a child of the first.
  std::string child = head("version = 1\nparent = \"p@1\"\n");
  child.replace(child.find("\"p\""), 3, "\"c\"");
  const Candidate parent = candidate(head() + rule("P-1", two));
  const policy::Standards below{.parent = &parent, .parent_demanded = true};
  CHECK(first_code(child + rule("P-1", two), below) == "passes");
  CHECK(first_code(child + rule("P-1", both), below) == "child-demands-less");
}
