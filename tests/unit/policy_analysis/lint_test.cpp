#include "policy/analysis/lint.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "policy/analysis/mutation.hpp"
#include "policy/analysis/prove.hpp"
#include "tests/support/must.hpp"

namespace {

using namespace hangu;
using policy::Catalogue;
using test::must;
using test::source_file;

const Catalogue& demo_catalogue() {
  static const Catalogue kCatalogue =
      must(Catalogue::parse(source_file("policy/examples/demo.catalogue.toml")));
  return kCatalogue;
}

std::string head(const std::string& expires = "2030-01-01T00:00:00Z") {
  return "[policy]\nid = \"p\"\nversion = 1\neffective = 2026-01-01T00:00:00Z\nexpires = " +
         expires + "\ncatalogue = \"landspace@1\"\n";
}

std::string permit(const std::string& id, const std::string& more = {},
                   const std::string& datasets = "\"imagery\"") {
  return "[[permit]]\nid = \"" + id + "\"\nfrom = \"egov\"\nto = \"internet\"\ndataset = [" +
         datasets + "]\nlabel = { secrecy_max = \"open\", grade_max = \"general\" }\n" + more;
}

std::string forbid(const std::string& id, const std::string& more) {
  return "[[forbid]]\nid = \"" + id + "\"\n" + more;
}

/// "rule code", in order.
std::vector<std::string> found(const std::string& rules,
                               const std::string& at = "2026-06-01T00:00:00Z",
                               const std::string& expires = "2030-01-01T00:00:00Z") {
  const auto reading = must(policy::read_policy(head(expires) + rules, demo_catalogue()));
  REQUIRE(reading.problems.empty());
  std::vector<std::string> out;
  for (const policy::Finding& finding :
       lint(reading, demo_catalogue(), must(WallTime::parse(at)))) {
    CHECK_FALSE(finding.zh.empty());
    CHECK_FALSE(finding.en.empty());
    if (finding.code != "rule-untested" && !finding.code.ends_with("-nothing"))
      out.push_back((finding.rule.empty() ? "" : finding.rule + " ") + finding.code);
  }
  return out;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("a permit wholly under a forbid, and not one that looks out of it, is told", "[policy]") {
  CHECK(found(permit("P") + forbid("F", "dataset = \"imagery\"\n")) ==
        Found{"P rule-under-forbid"});
  CHECK(found(permit("P", {}, "\"imagery\", \"elevation\"") +
              forbid("F", "dataset = \"imagery\"\n")) == Found{});
}

TEST_CASE("a permit is redundant under one that demands no less, and of two equals the later",
          "[policy]") {
  const std::string wide = "\"imagery\", \"elevation\"";
  CHECK(found(permit("P") + permit("Q", {}, wide)) == Found{"P rule-redundant"});
  CHECK(found(permit("P", "require.approve.count = 1\n") + permit("Q", {}, wide)) ==
        Found{"P rules-overlap"});
  CHECK(found(permit("P") + permit("Q")) == Found{"Q rule-redundant"});
  CHECK(found(permit("P") + permit("Q", {}, "\"elevation\"")) == Found{});
}

TEST_CASE("a forbid within another and one that forbids everything are told", "[policy]") {
  CHECK(found(forbid("F", "dataset = \"imagery\"\n") + forbid("G", "")) ==
        Found{"F rule-redundant", "G rule-forbids-all"});
  CHECK(found(forbid("F", "dataset = \"imagery\"\n") + forbid("G", "dataset = \"imagery\"\n")) ==
        Found{"G rule-redundant"});
}

TEST_CASE("a policy is told of thirty days before its end, at its end and before its beginning",
          "[policy]") {
  const std::string end = "2026-07-01T00:00:00Z";
  CHECK(found("", "2026-05-31T23:59:59Z", end) == Found{});
  CHECK(found("", "2026-06-01T00:00:00Z", end) == Found{"policy-expiring"});
  CHECK(found("", "2026-06-30T23:59:59Z", end) == Found{"policy-expiring"});
  CHECK(found("", end, end) == Found{"policy-expired"});
  CHECK(found("", "2025-12-31T23:59:59Z", end) == Found{"policy-later"});
}

TEST_CASE("a policy without a permit or a promise, and a test that is not met, are told",
          "[policy]") {
  const auto codes = [](const std::string& rules) {
    const auto reading = must(policy::read_policy(head() + rules, demo_catalogue()));
    REQUIRE(reading.problems.empty());
    Found out;
    for (const auto& one :
         lint(reading, demo_catalogue(), must(WallTime::parse("2026-06-01T00:00:00Z"))))
      if (one.code != "rule-untested") out.push_back(one.code);
    return out;
  };
  const std::string never =
      "[[never]]\nid = \"N\"\norigin.zone = \"classified\"\nreach = \"internet\"\n";
  const auto test = [](const std::string& expect) {
    return "[[test]]\nid = \"T\"\ngiven = { from = \"egov\", to = \"internet\", dataset = "
           "\"imagery\", "
           "secrecy = \"open\", grade = \"general\" }\nexpect = { " +
           expect + " }\n";
  };
  CHECK(codes("") == Found{"policy-permits-nothing"});
  CHECK(codes(permit("P")) == Found{"policy-promises-nothing"});
  CHECK(codes(permit("P") + never) == Found{});
  CHECK(codes(permit("P") + never + test("outcome = \"permit\", rules = [\"P\"]")) == Found{});
  CHECK(codes(permit("P") + never + test("outcome = \"deny\"")) == Found{"test-failed"});
  CHECK(codes(permit("P") + never + test("outcome = \"permit\", rules = [\"Q\"]")) ==
        Found{"test-rule-unknown", "test-failed"});
}

TEST_CASE("labels above a zone's ceiling and a permit of every dataset are told", "[policy]") {
  CHECK(found("[[permit]]\nid = \"P\"\nfrom = \"egov\"\nto = [\"internet\", \"classified\"]\n"
              "dataset = \"imagery\"\nlabel = { secrecy_max = \"internal\", grade_max = "
              "\"general\" }\n") == Found{"P rule-over-ceiling"});
  CHECK(found(permit("P", {}, "\"imagery\", \"elevation\", \"base-map\", \"division-table\"")) ==
        Found{"P rule-every-dataset"});
}

TEST_CASE(
    "the shipped policies have nothing wrong, their tests notice each change, their promises hold",
    "[policy]") {
  for (const std::string name : {"demo", "landspace"}) {
    INFO(name);
    const std::string files = "policy/examples/" + name;
    const Catalogue catalogue = must(Catalogue::parse(source_file(files + ".catalogue.toml")));
    const auto reading = must(policy::read_policy(source_file(files + ".policy.toml"), catalogue));
    REQUIRE(reading.problems.empty());
    for (const policy::Finding& finding :
         lint(reading, catalogue, must(WallTime::parse("2026-03-01T00:00:00Z")))) {
      INFO(finding.rule << " " << finding.code);
      CHECK(finding.code == "rule-every-dataset");
    }
    for (const policy::TestCase& test : reading.tests) {
      INFO(test.id);
      CHECK(meets(answer_of(reading.policy.book, test.given), test.expect));
    }
    CHECK(mutate(reading, catalogue).survivors.empty());
    CHECK(cover_boundaries(reading, catalogue).survivors.empty());
    CHECK(reading.promises.size() >= 3);
    for (const policy::Promise& promise : reading.promises) {
      INFO(promise.id);
      CHECK(prove(promise, reading.policy.book, catalogue).holds());
    }
  }
}
