#include "directory/holder.hpp"

#include <catch2/catch.hpp>

#include "flow/envelope.hpp"
#include "tests/support/granted_entries.hpp"

namespace {

using namespace hangu;
using directory::RawEntry;
using test::GrantedEntries;
using test::must;

const GrantedEntries::Person kLi{.name = "li", .human = "110101", .compartments = {"矿产"}};

}  // namespace

TEST_CASE("an entry with an officer's grant has what was granted", "[directory]") {
  GrantedEntries office;
  const auto node = office.read(office.node(1, "survey", "egov"));
  REQUIRE(node->refusal.empty());
  REQUIRE(node->node);
  CHECK(node->node->zones == std::set<std::string>{"egov"});
  CHECK(node->node->signing_keys.size() == 1);
  CHECK(node->node->recipient_keys.size() == 1);
  const auto person = office.read(office.person(2, kLi));
  REQUIRE(person->person);
  CHECK(person->person->roles == std::set<std::string>{"reviewer"});
  CHECK(person->compartments == std::set<std::string>{"矿产"});
  CHECK(person->not_after == office.not_after);
}

TEST_CASE("a grant that was changed, or that no officer signed, gives nothing", "[directory]") {
  GrantedEntries office;
  const auto refusal = [&](const RawEntry& entry) {
    const auto holder = office.read(entry);
    CHECK_FALSE(holder->person);
    CHECK_FALSE(holder->node);
    return holder->refusal;
  };
  RawEntry entry = office.person(1, kLi);
  // An administrator of the directory writes a higher clearance into the signed text.
  flow::Envelope envelope = must(flow::Envelope::parse(entry.values.at("hangugrant").front()));
  std::string text(text_of(envelope.payload));
  text.replace(text.find("confidential"), 12, "top-secret");
  envelope.payload = to_bytes(text);
  entry.values.at("hangugrant") = {envelope.to_text()};
  CHECK(refusal(entry) == "document-unsigned");
  office.signer = "li";  // he grants himself
  CHECK(refusal(office.person(1, kLi)) == "document-unsigned");
  office.signer = "the officer";
  entry = office.person(1, kLi);
  entry.values.erase("hangugrant");
  CHECK(refusal(entry) == "grant-missing");
  entry = office.person(1, kLi);
  entry.values.at("hangugrant").push_back(entry.values.at("hangugrant").front());
  CHECK(refusal(entry) == "grant-twice");
  entry = office.person(1, kLi);
  entry.values.at("hanguname") = {"wang"};
  CHECK(refusal(entry) == "grant-other-name");
  entry.values.at("hanguname") = {"li", "wang"};
  CHECK(refusal(entry) == "grant-other-name");
  entry.values.at("hangugrant") = {std::string(policy::kGrantBytesMax + 1, 'x')};
  CHECK(refusal(entry) == "grant-too-long");
}

TEST_CASE("a grant copied into an entry that was made anew gives nothing", "[directory]") {
  GrantedEntries office;
  RawEntry entry = office.person(1, kLi);
  entry.id = GrantedEntries::id(2);  // the same name, another entryUUID
  CHECK(office.read(entry)->refusal == "grant-other-entry");
}

TEST_CASE("an entry narrows what was granted, and never adds to it", "[directory]") {
  GrantedEntries office;
  RawEntry entry =
      office.person(1, {.name = "li", .human = "110101", .roles = {"reviewer", "data-owner"}});
  entry.values.at("hangurole") = {"reviewer", "auditor"};
  const auto person = office.read(entry);
  CHECK(person->person->roles == std::set<std::string>{"reviewer"});
  entry.values.erase("hangurole");
  CHECK(office.read(entry)->person->roles.empty());
  entry.values.at("hangukey") = {office.key("wang").verify_key().id()};
  CHECK(office.read(entry)->person->signing_keys.empty());
  RawEntry node = office.node(2, "survey", "egov");
  node.values.at("hanguzone") = {"internet"};
  CHECK(office.read(node)->node->zones.empty());
  node.values.at("hangukey").pop_back();
  CHECK(office.read(node)->node->recipient_keys.empty());
  CHECK(office.read(node)->node->signing_keys.size() == 1);
}

TEST_CASE("entry ids are read in either case and in no other form", "[directory]") {
  const std::string text = "34bfb088-8124-1041-8dd0-17cc32a24f05";
  CHECK(directory::uuid_text(must(directory::parse_entry_id(text))) == text);
  CHECK(directory::uuid_text(
            must(directory::parse_entry_id("34BFB088-8124-1041-8DD0-17CC32A24F05"))) == text);
  for (const char* bad :
       {"", "34bfb088-8124-1041-8dd0-17cc32a24f0", "34bfb08881241041-8dd0-17cc32a24f05",
        "34bfb088-8124-1041-8dd0-17cc32a24f055", "34bfb088-8124-1041-8dd0-17cc32a24f0g"}) {
    INFO(bad);
    CHECK(directory::parse_entry_id(bad).error().reason() == "entry-uuid-invalid");
  }
}

TEST_CASE("a digest stands for all values, in whatever order they came", "[directory]") {
  GrantedEntries office;
  RawEntry entry = office.node(1, "survey", "egov");
  const directory::Digest before = digest_of(entry);
  std::ranges::reverse(entry.values.at("hangukey"));
  CHECK(digest_of(entry) == before);
  entry.values.at("hangukey").front() += "0";
  CHECK(digest_of(entry) != before);
}
