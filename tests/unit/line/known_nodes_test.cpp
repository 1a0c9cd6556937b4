// Whose keys count at the edge and in verify, by the officers' last word.

#include "line/known_nodes.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "tests/support/signed_nodes.hpp"
#include "tests/unit/os/scratch.hpp"

namespace {

using namespace hangu;
using flow::NodeStanding;
using test::must;

crypto::VerifyKey key_of(std::string_view seed) {
  test::SeededEntropy entropy(seed);
  return must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy))
      .verify_key();
}

struct Desk {
  os::test::ScratchFolder folder;
  test::SignedNodes nodes{folder / "nodes.json.dsse"};
  line::KnownNodes known{nodes.path(), nodes.officers()};

  Result<NodeStanding> ask(std::string_view node, std::string_view zone, std::string_view key) {
    return known.standing(must(NodeId::create(node)), must(ZoneId::create(zone)), key);
  }
};

}  // namespace

TEST_CASE("a node counts in its zones by its keys, and by no other", "[line]") {
  Desk d;
  const auto key = key_of("survey");
  d.nodes.set("survey", key, "egov");
  CHECK(d.ask("survey", "egov", key.id()) == NodeStanding::known);
  CHECK(d.ask("portal", "egov", key.id()) == NodeStanding::unknown);
  CHECK(d.ask("survey", "egov", key_of("thief").id()) == NodeStanding::other_key);
  CHECK(d.ask("survey", "egov", "") == NodeStanding::other_key);
  CHECK(d.ask("survey", "internet", key.id()) == NodeStanding::other_zone);
}

TEST_CASE("what officers take out of the node register ends with the next question", "[line]") {
  Desk d;
  const auto old_key = key_of("old");
  const auto new_key = key_of("new");
  d.nodes.set("survey", old_key, "egov");
  REQUIRE(d.ask("survey", "egov", old_key.id()) == NodeStanding::known);
  d.nodes.set("survey", new_key, "egov");
  CHECK(d.ask("survey", "egov", old_key.id()) == NodeStanding::other_key);
  CHECK(d.ask("survey", "egov", new_key.id()) == NodeStanding::known);
  d.nodes.write({});
  CHECK(d.ask("survey", "egov", new_key.id()) == NodeStanding::unknown);
}

TEST_CASE("a node register that no officer signed knows nobody and passes nobody", "[line]") {
  Desk d;
  const auto key = key_of("survey");
  d.nodes.set("survey", key, "egov");
  REQUIRE(d.ask("survey", "egov", key.id()) == NodeStanding::known);
  const auto reason = [&] {
    const auto answer = d.ask("survey", "egov", key.id());
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code() == ErrorCode::unavailable);
    return std::string(answer.error().reason());
  };
  SECTION("signed by another") {
    test::SeededEntropy entropy("stranger");
    const auto stranger =
        must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy));
    d.nodes.write_text(must(flow::Envelope::sign(std::string(flow::kNodesPayloadType),
                                                 to_bytes(R"({"nodes":[]})"), stranger))
                           .to_text());
  }
  SECTION("of another type") { d.nodes.write({}, "application/vnd.hangu.people+json"); }
  SECTION("no envelope") { d.nodes.write_text("{}"); }
  SECTION("gone") { std::filesystem::remove(d.nodes.path()); }
  CHECK(reason() == "nodes-unreadable");
  CHECK(reason() == "nodes-unreadable");  // the one before is not fallen back on
  d.nodes.set("survey", key, "egov");
  CHECK(d.ask("survey", "egov", key.id()) == NodeStanding::known);
}

TEST_CASE("a node register reads as it was written, and names no node twice", "[line]") {
  flow::NodeRegister::Nodes nodes;
  nodes.emplace(must(NodeId::create("survey")), flow::RegisteredNode{{"egov", "internet"}, {"k"}});
  nodes.emplace(must(NodeId::create("portal")), flow::RegisteredNode{});
  const flow::NodeRegister written(nodes);
  CHECK(written.to_text() == R"({"nodes":[{"keys":[],"node":"portal","zones":[]},)"
                             R"({"keys":["k"],"node":"survey","zones":["egov","internet"]}]})");
  CHECK(must(flow::NodeRegister::parse(written.to_text())) == written);
  const auto twice = flow::NodeRegister::parse(
      R"({"nodes":[{"keys":[],"node":"a","zones":[]},{"keys":["k"],"node":"a","zones":[]}]})");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().reason() == "nodes-twice");
  CHECK_FALSE(flow::NodeRegister::parse(R"({"nodes":[],"people":[]})"));
}
