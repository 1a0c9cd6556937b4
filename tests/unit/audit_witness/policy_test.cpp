#include "audit/witness/policy.hpp"

#include <catch2/catch.hpp>

#include "audit/witness/limits.hpp"
#include "tests/unit/audit/support.hpp"
#include "tests/unit/audit_witness/vectors.hpp"

namespace hangu::audit::test {
namespace {

/// The vkey of the n-th witness.
std::string w(unsigned n, const std::string& name = "w") {
  return NoteKey::create(name + std::to_string(n), key_from(n).verify_key(),
                         NoteKeyType::cosignature)
      .value()
      .to_text();
}

std::string line_of(unsigned n, const std::string& rest = "") {
  return "witness w" + std::to_string(n) + " " + w(n) + rest + "\n";
}

/// "accepted", or the error's context.
std::string said(const std::string& text) {
  const auto policy = WitnessPolicy::parse(text);
  if (policy) return "accepted";
  CHECK(policy.error().reason().starts_with("witness-policy-"));
  return policy.error().context();
}

bool satisfied(const WitnessPolicy& policy, const std::vector<bool>& cosigned) {
  return policy.satisfied_by(cosigned);
}

}  // namespace

TEST_CASE("the policy of the specification's example demands two of three and one of three",
          "[witness]") {
  std::string text = "log " + kLogVkey + "\n\n";
  for (unsigned i = 1; i <= 3; ++i) text += "witness X" + std::to_string(i) + " " + w(i) + "\n";
  text += "group X-witnesses 2 X1 X2 X3\n\n";
  for (unsigned i = 4; i <= 6; ++i) text += "witness Y" + std::to_string(i) + " " + w(i) + "\n";
  text += "group Y-witnesses any Y4 Y5 Y6\n\ngroup X-and-Y all X-witnesses Y-witnesses\n";
  text += "quorum X-and-Y\n";
  const auto policy = WitnessPolicy::parse(text);
  REQUIRE(policy);
  CHECK(policy->demands_witnesses());
  CHECK(policy->logs().size() == 1);
  CHECK(policy->witnesses().size() == 6);
  CHECK(satisfied(*policy, {true, true, false, false, true, false}));
  CHECK(satisfied(*policy, {true, true, true, true, true, true}));
  CHECK_FALSE(satisfied(*policy, {true, true, true, false, false, false}));
  CHECK_FALSE(satisfied(*policy, {true, false, false, true, true, true}));
  CHECK_FALSE(satisfied(*policy, {false, false, false, false, false, false}));
}

TEST_CASE("a quorum may be one witness, or nobody", "[witness]") {
  const auto none = WitnessPolicy::parse("quorum none\n");
  REQUIRE(none);
  CHECK_FALSE(none->demands_witnesses());
  CHECK(none->satisfied_by({}));
  const auto one = WitnessPolicy::parse(line_of(1) + line_of(2) + "quorum w2\n");
  REQUIRE(one);
  CHECK_FALSE(satisfied(*one, {true, false}));
  CHECK(satisfied(*one, {false, true}));
}

// transparency-dev/formats, policy/tlog_policy_test.go (Apache-2.0): the accepted texts.
TEST_CASE("white space, comments, URLs, octets and keywords as names are taken", "[witness]") {
  const auto spaced = WitnessPolicy::parse("\n# comment\n\t # another comment\n\twitness \t w1  " +
                                           w(1) + "   https://w1.example.com/  \n\n  quorum\tw1");
  REQUIRE(spaced);
  CHECK(spaced->witnesses()[0].name == "w1");
  CHECK(spaced->witnesses()[0].url == "https://w1.example.com/");
  CHECK(said("log " + kLogVkey + " https://log.example.com/\n" + line_of(1) + "quorum w1\n") ==
        "accepted");
  CHECK(said("witness KKlvin-w\x80 " + w(1) + "\nquorum KKlvin-w\x80\n") == "accepted");
  CHECK(said("witness all " + w(1) + "\nwitness any " + w(2) +
             "\ngroup group 2 all any\nquorum group\n") == "accepted");
}

// The same file: the refused texts.
TEST_CASE("each broken rule of a policy is told with its line and what was expected", "[witness]") {
  const std::string w1 = line_of(1);
  const std::string expected_newer = "line 2: expected a name that is not taken";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"quorum none\n\x01", "line 2: expected no control byte but tab"},
      {"quorum none\r\n", "line 1: expected no control byte but tab"},
      {"quorum none\n\x7f", "line 2: expected no control byte but tab"},
      {"quibble w1\nquorum none\n", "line 1: expected log, witness, group or quorum"},
      {line_of(1, " https://w1.example.com/ # comment") + "quorum w1\n",
       "line 1: expected nothing after the URL"},
      {"log\nquorum none\n", "line 1: expected log VKEY [URL]"},
      {"log garbage\nquorum none\n", "line 1: expected a log's vkey"},
      {"log " + kWitnessVkey + "\nquorum none\n", "line 1: expected a log's vkey"},
      {"log " + kLogVkey + "\nlog " + kLogVkey + " https://log.example.com/\nquorum none\n",
       "line 2: expected a key that no log before has"},
      {"witness w1\nquorum none\n", "line 1: expected witness NAME VKEY [URL]"},
      {"witness w1 " + kLogVkey + "\nquorum w1\n", "line 1: expected a witness's vkey"},
      {"witness none " + w(1) + "\nquorum none\n", "line 1: expected a name that is not taken"},
      {w1 + "witness w1 " + w(2) + "\nquorum w1\n", expected_newer},
      {w1 + "group w1 any w1\nquorum w1\n", expected_newer},
      {w1 + "group g1 1\nquorum w1\n", "line 2: expected group NAME all|any|K NAME..."},
      {w1 + "group none any w1\nquorum none\n", expected_newer},
      {w1 + "group g1 0 w1\nquorum g1\n", "line 2: expected all, any, or a number from 1 to 1"},
      {w1 + "group g1 -1 w1\nquorum g1\n", "line 2: expected all, any, or a number from 1 to 1"},
      {w1 + "group g1 01 w1\nquorum g1\n", "line 2: expected all, any, or a number from 1 to 1"},
      {w1 + "group g1 2 w1\nquorum g1\n", "line 2: expected all, any, or a number from 1 to 1"},
      {w1 + "group g1 any w2\nquorum g1\n", "line 2: expected a name defined on a line before"},
      {"group g1 any w1\n" + w1 + "quorum g1\n", "line 1: expected a name defined"},
      {w1 + "group g1 any none w1\nquorum g1\n", "line 2: expected a name defined"},
      {w1 + "group g1 all w1 w1\nquorum g1\n", "line 2: expected a name that is in no group yet"},
      {w1 + line_of(2) + "group g1 any w1 w2\ngroup g2 any w1\nquorum g1\n",
       "line 4: expected a name that is in no group yet"},
      {w1, "line 2: expected a quorum line"},
      {w1 + "quorum w1\nquorum w1\n", "line 3: expected one quorum line only"},
      {"quorum unknown\n", "line 1: expected a name defined on a line before"},
      {"quorum w1\n" + w1, "line 1: expected a name defined on a line before"},
      {"quorum\n", "line 1: expected quorum NAME, or quorum none"},
      {"quorum none none\n", "line 1: expected quorum NAME, or quorum none"},
      // The same key under another name.
      {w1 + "witness w2 " +
           NoteKey::create("other", key_from(1).verify_key(), NoteKeyType::cosignature)
               .value()
               .to_text() +
           "\nquorum w1\n",
       "line 2: expected a key that no witness before has"}};
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    const std::string context = said(text);
    CHECK(context.substr(0, expected.size()) == expected);
  }
}

TEST_CASE("32 logs and groups and 28 witnesses are taken, and none more", "[witness]") {
  const auto policy_of = [](unsigned logs, unsigned witnesses, unsigned groups) {
    std::string text;
    for (unsigned i = 0; i < logs; ++i) {
      text +=
          "log " +
          NoteKey::create("log" + std::to_string(i), key_from(i).verify_key()).value().to_text() +
          "\n";
    }
    for (unsigned i = 0; i < witnesses; ++i) text += line_of(i);
    std::string member = "w0";
    for (unsigned i = 0; i < groups; ++i) {
      text += "group g" + std::to_string(i) + " any " + member + "\n";
      member = "g" + std::to_string(i);
    }
    return text + "quorum " + member + "\n";
  };
  CHECK(said(policy_of(32, 28, 32)) == "accepted");
  CHECK(said(policy_of(33, 28, 32)).find(": logs") != std::string::npos);
  CHECK(said(policy_of(32, 29, 32)).find(": witnesses") != std::string::npos);
  CHECK(said(policy_of(32, 28, 33)).find(": groups") != std::string::npos);
  const std::string end = "quorum none\n";
  const std::string room(kWitnessPolicyBytesMax - end.size() - 1, '#');
  CHECK(said(room + "\n" + end) == "accepted");
  CHECK(said(room + "#\n" + end).find(": bytes") != std::string::npos);
  const std::string name(kPolicyNameBytesMax, 'n');
  CHECK(said("witness " + name + " " + w(1) + "\nquorum " + name + "\n") == "accepted");
  CHECK(said("witness " + name + "n " + w(1) + "\nquorum none\n").find(": name") !=
        std::string::npos);
  const std::string url(kPolicyUrlBytesMax, 'u');
  CHECK(said(line_of(1, " " + url) + end) == "accepted");
  CHECK(said(line_of(1, " " + url + "u") + end).find(": URL") != std::string::npos);
}

TEST_CASE("more cosignatures never make a quorum go away", "[witness]") {
  const auto policy =
      WitnessPolicy::parse(line_of(1) + line_of(2) + line_of(3) + line_of(4) +
                           "group a 2 w1 w2 w3\ngroup b all a w4\ngroup c any b\nquorum c\n");
  REQUIRE(policy);
  for (unsigned few = 0; few < 16; ++few) {
    const auto set = [](unsigned bits) {
      return std::vector<bool>{(bits & 1U) != 0, (bits & 2U) != 0, (bits & 4U) != 0,
                               (bits & 8U) != 0};
    };
    const bool expected = __builtin_popcount(few & 7U) >= 2 && (few & 8U) != 0;
    CHECK(policy->satisfied_by(set(few)) == expected);
    for (unsigned more = 0; more < 16; ++more) {
      if (policy->satisfied_by(set(few))) CHECK(policy->satisfied_by(set(few | more)));
    }
  }
}

}  // namespace hangu::audit::test
