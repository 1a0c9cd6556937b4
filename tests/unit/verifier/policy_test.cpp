// The verifier's own reading of witness policies. Tables: transparency-dev/formats
// policy/tlog_policy_test.go (Apache-2.0), with keys whose ids are right (by Python's hashlib): the
// ids there are not of the keys beside them, which is refused here.

#include "audit/verifier/policy.hpp"

#include <catch2/catch.hpp>

namespace hangu_verify {
namespace {

const std::string kWit1 = "Wit1+4383f32b+BAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
const std::string kWit2 = "Wit2+23126c57+BAICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC";
const std::string kWit3 = "Wit3+39ace95b+BAMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD";
const std::string kWit4 = "Wit4+dc07a1aa+BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
const std::string kWit5 = "Wit5+21877c76+BAUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUF";
const std::string kWit6 = "Wit6+7e60a91b+BAYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYGBgYG";
const std::string kImpostor =
    "impostor.example.com+3cb4412d+BAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";  // the key of
                                                                                   // Wit1
const std::string kLog = "example.com/log+c62b7171+AQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ";
const std::string kPlain =
    "Wit1+e2f159e7+AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";  // no witness's
const std::string kUnknown =
    "unknown.example.com+81bc0bc9+YwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

std::optional<Policy> parse(const std::string& text) {
  std::string problem;
  return parse_policy(text, problem);
}

std::string why(const std::string& text) {
  std::string problem;
  INFO(text);
  REQUIRE_FALSE(parse_policy(text, problem));
  return problem;
}

std::string witness(const std::string& name, const std::string& key) {
  return "witness " + name + " " + key + "\n";
}

/// The specification's example.
std::string two_levels() {
  return "log " + kLog + "\n\n" + witness("X1", kWit1) + witness("X2", kWit2) +
         witness("X3", kWit3) + "group X-witnesses 2 X1 X2 X3\n\n" + witness("Y1", kWit4) +
         witness("Y2", kWit5) + witness("Y3", kWit6) +
         "group Y-witnesses any Y1 Y2 Y3\n\ngroup X-and-Y all X-witnesses Y-witnesses\n"
         "quorum X-and-Y\n";
}

}  // namespace

TEST_CASE("the specification's example of a policy is read", "[verifier][policy]") {
  const auto policy = parse(two_levels());
  REQUIRE(policy);
  CHECK(policy->logs.size() == 1);
  CHECK(policy->logs[0].name == "example.com/log");
  CHECK(policy->witnesses.size() == 6);
  REQUIRE(policy->groups.size() == 3);
  CHECK(policy->groups[0].wanted == 2);
  CHECK(policy->groups[1].wanted == 1);
  CHECK(policy->groups[2].wanted == 2);
  CHECK(policy->quorum == "X-and-Y");
}

TEST_CASE("white space, comments, addresses and odd names of a policy are taken",
          "[verifier][policy]") {
  CHECK_FALSE(parse("quorum none\n")->demands_witnesses());
  CHECK(parse("\n# comment\n\t # another comment\n\twitness \t w1  " + kWit1 +
              "   https://w1.example.com/  \n\n  quorum\tw1"));
  CHECK(
      parse("log " + kLog + " https://log.example.com/\n" + witness("w1", kWit1) + "quorum w1\n"));
  CHECK(parse(witness("KKlvin-w\x80", kWit1) + "quorum KKlvin-w\x80\n"));
  CHECK(parse(witness("all", kWit1) + witness("any", kWit2) +
              "group group 2 all any\nquorum group\n"));
}

TEST_CASE("what is no policy is refused, and the line is named", "[verifier][policy]") {
  const std::string w1 = witness("w1", kWit1);
  const std::string w2 = witness("w2", kWit2);
  CHECK(why(std::string("quorum none\n\x01")) == "a control character");
  CHECK(why("quorum none\r\n") == "a control character");
  CHECK(why("quorum none\n\x7f") == "a control character");
  CHECK(why("quibble w1\nquorum none\n") == "line 1: unknown keyword");
  CHECK(why("witness w1 " + kWit1 + " https://w1.example.com/ # comment\nquorum w1\n") ==
        "line 1: witness <name> <vkey> [<url>]");
  CHECK(why("log\nquorum none\n") == "line 1: log <vkey> [<url>]");
  CHECK(why("log garbage\nquorum none\n") == "line 1: not a log's key");
  CHECK(why("log " + kUnknown + "\nquorum none\n") == "line 1: not a log's key");
  CHECK(why("log " + kWit1 + "\nquorum none\n") == "line 1: not a log's key");
  CHECK(why("log " + kLog + "\nlog " + kLog + " https://log.example.com/\nquorum none\n") ==
        "line 2: a log's key twice");
  CHECK(why("witness w1\nquorum none\n") == "line 1: witness <name> <vkey> [<url>]");
  CHECK(why(witness("w1", kPlain) + "quorum w1\n") == "line 1: not a witness's key");
  CHECK(why(witness("none", kWit1) + "quorum none\n") == "line 1: a reserved name");
  CHECK(why(w1 + witness("w1", kWit2) + "quorum w1\n") == "line 2: a name twice");
  CHECK(why(w1 + "group w1 any w1\nquorum w1\n") == "line 2: a name twice");
  CHECK(why(w1 + "group g1 1\nquorum g1\n") == "line 2: group <name> all|any|<k> <member>...");
  CHECK(why(w1 + "group none any w1\nquorum none\n") == "line 2: a reserved name");
  CHECK(why(w1 + "group g1 0 w1\nquorum g1\n") == "line 2: how many members?");
  CHECK(why(w1 + "group g1 -1 w1\nquorum g1\n") == "line 2: how many members?");
  CHECK(why(w1 + "group g1 2 w1\nquorum g1\n") == "line 2: how many members?");
  CHECK(why(w1 + "group g1 any w2\nquorum g1\n") == "line 2: unknown member");
  CHECK(why("group g1 any w1\n" + w1 + "quorum g1\n") == "line 1: unknown member");
  CHECK(why(w1 + "group g1 any none w1\nquorum g1\n") == "line 2: unknown member");
  CHECK(why(w1 + "group g1 all w1 w1\nquorum g1\n") == "line 2: a member twice");
  CHECK(why(w1 + w2 + "group g1 any w1 w2\ngroup g2 any w1\nquorum g1\n") ==
        "line 4: a member twice");
  CHECK(why(w1) == "no quorum");
  CHECK(why(w1 + "quorum w1\nquorum w1\n") == "line 3: a second quorum");
  CHECK(why("quorum unknown\n") == "line 1: unknown quorum");
  CHECK(why("quorum w1\n" + w1) == "line 1: unknown quorum");
  CHECK(why("quorum\n") == "line 1: quorum <name>|none");
  CHECK(why(w1 + witness("w2", kImpostor) + "quorum w1\n") == "line 2: a witness's key twice");
  CHECK(why(std::string(kPolicyBytesMax + 1, '#')) == "too long");
  CHECK(parse("quorum none\n" + std::string(kPolicyBytesMax - 12, '#')));
}

TEST_CASE("a quorum of groups is met by enough of each", "[verifier][policy]") {
  const auto policy = parse(witness("w1", kWit1) + witness("w2", kWit2) + witness("w3", kWit3) +
                            "group inner any w2 w3\ngroup outer all w1 inner\nquorum outer\n");
  REQUIRE(policy);
  CHECK(policy->met_by({"w1", "w2", "w3"}));
  CHECK(policy->met_by({"w1", "w3"}));
  CHECK_FALSE(policy->met_by({"w1"}));
  CHECK_FALSE(policy->met_by({"w2", "w3"}));
  CHECK_FALSE(policy->met_by({}));
  const auto two = parse(two_levels());
  CHECK(two->met_by({"X1", "X3", "Y2"}));
  CHECK_FALSE(two->met_by({"X1", "Y1", "Y2"}));
}

}  // namespace hangu_verify
