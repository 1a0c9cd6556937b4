// Who a client certificate stands for at a zone's doors.

#include <catch2/catch.hpp>

#include "crypto/certificate.hpp"
#include "tests/support/signed_nodes.hpp"
#include "tests/unit/os/scratch.hpp"
#include "zone/receive/routes.hpp"

namespace {

using namespace hangu;
using test::must;

struct Door {
  os::test::ScratchFolder folder;
  ManualClock clock{WallTime(std::chrono::milliseconds(1'772'352'000'000))};
  test::SeededEntropy entropy{"door"};
  crypto::Authority authority = must(
      crypto::Authority::create(crypto::Suite::intl, "root", must(clock.now()), 3650, entropy));
  crypto::TrustAnchors anchors =
      must(crypto::TrustAnchors::parse_pem(authority.certificate().pem()));
  crypto::SigningKey key =
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy));
  test::SignedNodes nodes{folder / "nodes.json.dsse"};
  line::KnownNodes known{nodes.path(), nodes.officers()};

  std::string certificate(std::set<std::string> zones) {
    crypto::Subject subject;
    subject.kind = crypto::HolderKind::node;
    subject.name = "survey";
    subject.zones = std::move(zones);
    return must(authority.issue(key.verify_key(), subject,
                                {crypto::KeyUse::sign, crypto::KeyUse::tls_client},
                                must(clock.now()), 365, entropy))
        .pem();
  }
  /// The name, or why not.
  std::string enter(std::string_view zone, std::set<std::string> zones = {"egov"}) {
    const auto named = zone::identify_node(anchors, known, certificate(std::move(zones)),
                                           must(ZoneId::create(zone)), clock);
    return named ? *named : std::string(named.error().reason());
  }
};

}  // namespace

TEST_CASE("a node whose certificate is in date is let in only while officers know it", "[zone]") {
  Door door;
  CHECK(door.enter("egov") == "node-unknown");
  door.nodes.set("survey", door.key.verify_key(), "egov");
  CHECK(door.enter("egov") == "survey");
  CHECK(door.enter("internet") == "node-other-zone");
  CHECK(door.enter("internet", {"egov", "internet"}) ==
        "node-other-zone");  // by the officers' word
  const auto other =
      must(crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, door.entropy));
  door.nodes.set("survey", other.verify_key(), "egov");
  CHECK(door.enter("egov") == "node-key");
  door.nodes.write({});
  CHECK(door.enter("egov") == "node-unknown");
  door.nodes.write_text("nothing");
  CHECK(door.enter("egov") == "nodes-unreadable");
}
