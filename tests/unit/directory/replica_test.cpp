#include "directory/replica.hpp"

#include <catch2/catch.hpp>

#include "directory/limits.hpp"
#include "tests/support/granted_entries.hpp"

namespace {

using namespace hangu;
using directory::Replica;
using test::GrantedEntries;
using test::must;

const WallTime kNow = must(WallTime::parse("2026-03-01T08:00:00Z"));

policy::DirectoryQuestion about(std::set<std::string> roles) {
  policy::DirectoryQuestion out;
  out.nonce = std::string(32, '0');
  out.roles = std::move(roles);
  out.secrecy = flow::Secrecy::open;
  out.grade = flow::DataGrade::general;
  return out;
}

std::vector<std::string> names(const policy::PeopleFile& people) {
  std::vector<std::string> out;
  for (const policy::PersonRecord& person : people.people()) out.push_back(person.person.text());
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("an answer holds the nodes that were asked for and the people of the roles",
          "[directory]") {
  GrantedEntries office;
  Replica replica;
  REQUIRE(replica.put(office.read(office.node(1, "survey", "egov"))));
  REQUIRE(replica.put(office.read(office.node(2, "portal", "internet"))));
  REQUIRE(replica.put(office.read(office.person(3, {.name = "li", .human = "1"}))));
  REQUIRE(replica.put(
      office.read(office.person(4, {.name = "wang", .human = "2", .roles = {"data-owner"}}))));
  auto question = about({"reviewer"});
  question.nodes = {must(NodeId::create("survey")), must(NodeId::create("nobody"))};
  policy::PeopleFile answer = replica.answer(question, kNow);
  CHECK(answer.nodes().size() == 1);
  CHECK(names(answer) == Names{"li"});
  question.anybody = true;
  CHECK(names(replica.answer(question, kNow)) == Names{"li", "wang"});
  // The answer is what decide reads.
  CHECK(must(policy::PeopleFile::parse(answer.to_text())).to_text() == answer.to_text());
}

TEST_CASE("people are cleared for the secrecy and every compartment, until their term ends",
          "[directory]") {
  GrantedEntries office;
  Replica replica;
  REQUIRE(replica.put(office.read(office.person(1, {.name = "li",
                                                    .human = "1",
                                                    .secrecy = flow::Secrecy::secret,
                                                    .compartments = {"a", "b"}}))));
  auto question = about({"reviewer"});
  question.secrecy = flow::Secrecy::secret;
  question.compartments = {"a", "b"};
  CHECK(names(replica.answer(question, kNow)) == Names{"li"});
  question.compartments.insert("c");
  CHECK(names(replica.answer(question, kNow)).empty());
  question.compartments = {};
  question.secrecy = flow::Secrecy::confidential;
  CHECK(names(replica.answer(question, kNow)).empty());
  question.secrecy = flow::Secrecy::secret;
  CHECK(names(replica.answer(question, office.not_after + std::chrono::milliseconds(-1))) ==
        Names{"li"});
  CHECK(names(replica.answer(question, office.not_after)).empty());
}

TEST_CASE("two entries of one name are nobody, until one of them goes", "[directory]") {
  GrantedEntries office;
  Replica replica;
  const NodeId survey = must(NodeId::create("survey"));
  REQUIRE(replica.put(office.read(office.node(1, "survey", "egov"))));
  CHECK(replica.node(survey, kNow));
  REQUIRE(replica.put(office.read(office.node(2, "survey", "internet"))));
  CHECK_FALSE(replica.node(survey, kNow));
  CHECK(replica.node_register(kNow) == flow::NodeRegister(flow::NodeRegister::Nodes{}));
  replica.erase(GrantedEntries::id(1));
  CHECK(replica.node(survey, kNow)->zones == std::set<std::string>{"internet"});
  REQUIRE(replica.put(office.read(office.person(3, {.name = "li", .human = "1"}))));
  REQUIRE(replica.put(office.read(office.person(4, {.name = "li", .human = "2"}))));
  CHECK(names(replica.answer(about({"reviewer"}), kNow)).empty());
}

TEST_CASE("a key that two entries hold is nobody's", "[directory]") {
  GrantedEntries office;
  Replica replica;
  directory::RawEntry first = office.node(1, "survey", "egov");
  REQUIRE(replica.put(office.read(first)));
  // The same keys under another name, granted by mistake.
  const auto grant =
      must(policy::Grant::open(first.values.at("hangugrant").front(), office.officers()));
  policy::NodeRecord twin = grant.holder.nodes().front();
  twin.node = must(NodeId::create("twin"));
  const policy::Grant other{directory::uuid_text(GrantedEntries::id(2)),
                            grant.not_after,
                            {},
                            policy::PeopleFile(1, {twin}, {})};
  first.id = GrantedEntries::id(2);
  first.values.at("hanguname") = {"twin"};
  first.values.at("hangugrant") = {must(other.sign(office.key("the officer")))};
  REQUIRE(replica.put(office.read(first)));
  for (const char* name : {"survey", "twin"}) {
    INFO(name);
    const auto node = replica.node(must(NodeId::create(name)), kNow);
    REQUIRE(node);
    CHECK(node->signing_keys.empty());
    CHECK(node->recipient_keys.empty());
  }
  replica.erase(GrantedEntries::id(2));
  CHECK(replica.node(must(NodeId::create("survey")), kNow)->signing_keys.size() == 1);
}

TEST_CASE("one human in two of the three administrators' roles holds neither", "[directory]") {
  GrantedEntries office;
  Replica replica;
  const auto roles = [&](const char* name) {
    return replica.person(must(PersonId::create(name)), kNow)->roles;
  };
  REQUIRE(replica.put(office.read(
      office.person(1, {.name = "li", .human = "1", .roles = {"auditor", "reviewer"}}))));
  CHECK(roles("li") == std::set<std::string>{"auditor", "reviewer"});
  CHECK(replica.conflicts().empty());
  // Another name of the same human, and another human.
  REQUIRE(replica.put(office.read(
      office.person(2, {.name = "li-2", .human = "1", .roles = {"security-officer"}}))));
  REQUIRE(replica.put(office.read(
      office.person(3, {.name = "wang", .human = "2", .roles = {"system-administrator"}}))));
  CHECK(replica.conflicts() == std::set<std::string>{"1"});
  CHECK(roles("li") == std::set<std::string>{"reviewer"});
  CHECK(roles("li-2").empty());
  CHECK(roles("wang") == std::set<std::string>{"system-administrator"});
  CHECK(names(replica.answer(about({"auditor", "security-officer", "system-administrator"}),
                             kNow)) == Names{"wang"});
  // The same role under two names is one role.
  REQUIRE(replica.put(
      office.read(office.person(2, {.name = "li-2", .human = "1", .roles = {"auditor"}}))));
  CHECK(replica.conflicts().empty());
  CHECK(roles("li-2") == std::set<std::string>{"auditor"});
  // Both in one entry.
  REQUIRE(replica.put(office.read(office.person(
      2, {.name = "li-2", .human = "3", .roles = {"auditor", "system-administrator"}}))));
  CHECK(replica.conflicts() == std::set<std::string>{"3"});
  CHECK(roles("li-2").empty());
  CHECK(roles("li") == std::set<std::string>{"auditor", "reviewer"});
}

TEST_CASE("an answer names as many people of a role as a decision can, in order", "[directory]") {
  GrantedEntries office;
  Replica replica;
  const auto name = [](std::size_t i) { return "p" + std::to_string(10'000 + i); };
  for (std::size_t i = policy::kPeopleOfRoleMax + 1; i-- > 0;)
    REQUIRE(replica.put(office.read(
        office.person(static_cast<unsigned>(i + 1), {.name = name(i), .human = name(i)}))));
  const Names answered = names(replica.answer(about({"reviewer"}), kNow));
  CHECK(answered.size() == policy::kPeopleOfRoleMax);
  CHECK(answered.front() == name(0));
  CHECK(answered.back() == name(policy::kPeopleOfRoleMax - 1));
}

TEST_CASE("a snapshot is named by its content, however it was come to", "[directory]") {
  GrantedEntries office;
  Replica one;
  Replica other;
  const auto li = office.read(office.person(1, {.name = "li", .human = "1"}));
  const auto survey = office.read(office.node(2, "survey", "egov"));
  REQUIRE(one.put(li));
  const std::string before = one.snapshot();
  REQUIRE(one.put(survey));
  REQUIRE(other.put(survey));
  REQUIRE(other.put(li));
  CHECK(one.snapshot() == other.snapshot());
  CHECK(one.snapshot() != before);
  one.erase(survey->id);
  CHECK(one.snapshot() == before);
  Replica copy = other;
  other.erase(li->id);
  CHECK(copy.size() == 2);
  CHECK(copy.person(must(PersonId::create("li")), kNow));
}

TEST_CASE("a directory with more nodes than the edge can hold is refused whole", "[directory]") {
  Replica replica;
  const auto entry = [](std::size_t i) {
    const auto out = std::make_shared<directory::Holder>();
    out->id = GrantedEntries::id(static_cast<unsigned>(i));
    out->node = policy::NodeRecord{must(NodeId::create("n" + std::to_string(i))), "", {}, {}, {}};
    return out;
  };
  for (std::size_t i = 1; i <= directory::kNodesMax; ++i)
    if (!replica.put(entry(i))) FAIL("entry " << i);
  CHECK(replica.put(entry(directory::kNodesMax + 1)).error().reason() == "directory-too-large");
  CHECK(replica.put(entry(1)));  // one in place of itself
  CHECK(replica.nodes() == directory::kNodesMax);
}
