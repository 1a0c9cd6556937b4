#include "cli/pki.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "tests/support/seeded_entropy.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

using namespace hangu;
using cli::Pki;
using crypto::HolderKind;
using test::TemporaryFolder;

namespace {

struct Fixture {
  TemporaryFolder folder;
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00Z")};
  test::SeededEntropy entropy{"pki"};
  std::string path = folder.path() + "/pki";
};

std::string text_at(const std::string& path) {
  const Result<Bytes> bytes = os::read_file(path, 1 << 20);
  REQUIRE(bytes);
  return std::string(text_of(*bytes));
}

unsigned mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

cli::PersonPlan reviewer(std::string_view name, crypto::SignatureAlgorithm algorithm) {
  return {*PersonId::create(name),
          std::string(name) + " human",
          "测绘院",
          {"reviewer"},
          flow::Secrecy{},
          flow::DataGrade{},
          algorithm};
}

}  // namespace

TEST_CASE("every certificate that the PKI issues checks against its anchors as its own kind",
          "[cli][pki]") {
  Fixture f;
  Result<Pki> pki = Pki::init(f.path, f.clock, f.entropy);
  REQUIRE(pki);
  REQUIRE(pki->issue_node(*NodeId::create("node-a"), {"egov"}, "自然资源厅"));
  REQUIRE(pki->issue_person(reviewer("li", crypto::SignatureAlgorithm::ed25519)));
  REQUIRE(pki->issue_person(reviewer("wang", crypto::SignatureAlgorithm::sm2)));
  REQUIRE(pki->issue_person(reviewer("zhao", crypto::SignatureAlgorithm::ecdsa_p256)));
  REQUIRE(pki->issue_zone(*ZoneId::create("egov"), {"ip:127.0.0.1", "egov.test"}));
  REQUIRE(pki->issue_gateway("gw-1"));

  const Result<crypto::TrustAnchors> anchors =
      crypto::TrustAnchors::parse_pem(text_at(f.path + "/anchors.pem"));
  REQUIRE(anchors);
  const WallTime now = *f.clock.now();
  struct Case {
    const char* file;
    HolderKind kind;
    const char* name;
  };
  for (const Case& c : {Case{"nodes/node-a/node.crt", HolderKind::node, "node-a"},
                        Case{"nodes/node-a/node-gm.crt", HolderKind::node, "node-a"},
                        Case{"nodes/node-a/open-intl.crt", HolderKind::node, "node-a"},
                        Case{"nodes/node-a/open-gm.crt", HolderKind::node, "node-a"},
                        Case{"people/li/person.crt", HolderKind::person, "li"},
                        Case{"people/wang/person.crt", HolderKind::person, "wang"},
                        Case{"people/zhao/person.crt", HolderKind::person, "zhao"},
                        Case{"zones/egov/tls.crt", HolderKind::gateway, "egov"},
                        Case{"gateways/gw-1/opening-intl.crt", HolderKind::gateway, "gw-1"},
                        Case{"gateways/gw-1/opening-gm.crt", HolderKind::gateway, "gw-1"}}) {
    INFO(c.file);
    const auto checked = anchors->check(text_at(f.path + "/" + c.file), c.kind, now);
    REQUIRE(checked);
    CHECK(checked->subject().name == c.name);
    const HolderKind other = c.kind == HolderKind::stage ? HolderKind::node : HolderKind::stage;
    CHECK_FALSE(anchors->check(text_at(f.path + "/" + c.file), other, now));
    const auto late = now + std::chrono::hours(24 * (cli::kLeafDays + 1));
    CHECK_FALSE(anchors->check(text_at(f.path + "/" + c.file), c.kind, late));
  }
}

TEST_CASE("the registry names each issued key and its version rises", "[cli][pki]") {
  Fixture f;
  Result<Pki> pki = Pki::init(f.path, f.clock, f.entropy);
  REQUIRE(pki);
  const NodeId node = *NodeId::create("node-a");
  const std::uint32_t before = pki->people()->version();
  REQUIRE(pki->issue_node(node, {"egov", "internet"}, "org"));
  REQUIRE(pki->issue_person(reviewer("li", crypto::SignatureAlgorithm::ed25519)));
  const Result<policy::PeopleFile> people = pki->people();
  REQUIRE(people);
  CHECK(people->version() == before + 2);
  const policy::NodeRecord* record = people->node(node);
  REQUIRE(record != nullptr);
  CHECK(record->zones == std::set<std::string>{"egov", "internet"});
  CHECK(record->signing_keys.size() == 2);
  CHECK(record->recipient_key(crypto::Suite::gm) != nullptr);
  REQUIRE(people->people().size() == 1);
  const auto certificate =
      crypto::Certificate::parse_pem(text_at(f.path + "/people/li/person.crt"));
  REQUIRE(certificate);
  CHECK(people->people()[0].signing_keys[0] == *certificate->verify_key());
}

TEST_CASE("a private key belongs to its certificate and only its owner may read it", "[cli][pki]") {
  Fixture f;
  Result<Pki> pki = Pki::init(f.path, f.clock, f.entropy);
  REQUIRE(pki);
  REQUIRE(pki->issue_node(*NodeId::create("node-a"), {"egov"}, "org"));
  REQUIRE(pki->issue_gateway("gw-1"));
  const std::string folder = f.path + "/nodes/node-a";
  for (const char* stem : {"node", "node-gm"}) {
    const auto key = crypto::read_signing_key_pem(bytes_of(text_at(folder + "/" + stem + ".key")));
    const auto certificate = crypto::Certificate::parse_pem(text_at(folder + "/" + stem + ".crt"));
    REQUIRE(key);
    REQUIRE(certificate);
    CHECK(key->verify_key() == *certificate->verify_key());
    CHECK(mode_of(folder + "/" + stem + ".key") == 0600);
  }
  CHECK(mode_of(folder) == 0700);
  CHECK(mode_of(f.path + "/officer.key") == 0600);
  CHECK(mode_of(f.path + "/authority-gm.key") == 0600);
  CHECK(pki->officer());
  for (const crypto::Suite suite : {crypto::Suite::intl, crypto::Suite::gm}) {
    const auto key = crypto::read_opening_key_pem(
        suite, bytes_of(text_at(f.path + "/gateways/gw-1/opening-" +
                                std::string(crypto::to_text(suite)) + ".key")));
    REQUIRE(key);
    const auto recipient = pki->gateway_recipient("gw-1", suite);
    REQUIRE(recipient);
    CHECK(key->recipient_key() == *recipient);
  }
}

TEST_CASE("a name is issued once, and a PKI is not made over another", "[cli][pki]") {
  Fixture f;
  CHECK(Pki::open(f.path, f.clock, f.entropy).error().reason() == "pki-absent");
  Result<Pki> pki = Pki::init(f.path, f.clock, f.entropy);
  REQUIRE(pki);
  const NodeId node = *NodeId::create("node-a");
  REQUIRE(pki->issue_node(node, {"egov"}, "org"));
  const auto again = pki->issue_node(node, {"egov"}, "org");
  REQUIRE_FALSE(again);
  CHECK(again.error().reason() == "pki-already-issued");
  CHECK(Pki::init(f.path, f.clock, f.entropy).error().reason() == "pki-exists");
  Result<Pki> reopened = Pki::open(f.path, f.clock, f.entropy);
  REQUIRE(reopened);
  CHECK(reopened->anchors_pem() == pki->anchors_pem());
  CHECK(reopened->issue_node(node, {"egov"}, "org").error().reason() == "pki-already-issued");
  REQUIRE(reopened->issue_node(*NodeId::create("node-b"), {"egov"}, "org"));
  CHECK(reopened->issue_node(*NodeId::create("node-c"), {"Not A Zone"}, "org").error().reason() ==
        "id-invalid");
  CHECK(reopened->issue_gateway("../x").error().reason() == "id-invalid");
}

TEST_CASE("what a crash left of a name does not stand in the way of issuing it", "[cli][pki]") {
  Fixture f;
  Result<Pki> pki = Pki::init(f.path, f.clock, f.entropy);
  REQUIRE(pki);
  const NodeId node = *NodeId::create("node-a");
  const Result<std::string> made = pki->issue_node(node, {"egov"}, "org");
  REQUIRE(made);
  // As if the process had died between registering and renaming.
  std::filesystem::rename(*made, f.path + "/nodes/.new-node-a");
  REQUIRE(pki->issue_node(node, {"egov"}, "org"));
  CHECK(pki->people()->nodes().size() == 1);
}

TEST_CASE("openssl verifies the intl chain of a node and of a zone", "[cli][pki]") {
  if (std::system("openssl version >/dev/null 2>&1") != 0) return;
  TemporaryFolder folder;
  const std::string path = folder.path() + "/pki";
  test::SeededEntropy entropy{"openssl"};
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00Z")};
  Result<Pki> pki = Pki::init(path, clock, entropy);
  REQUIRE(pki);
  REQUIRE(pki->issue_node(*NodeId::create("node-a"), {"egov"}, "org"));
  REQUIRE(pki->issue_zone(*ZoneId::create("egov"), {"ip:127.0.0.1"}));
  const std::string verify = "openssl verify -attime " +
                             std::to_string(clock.now()->since_epoch().count() / 1000 + 60) +
                             " -CAfile " + path + "/authority-intl.crt ";
  CHECK(std::system((verify + "-purpose sslclient " + path + "/nodes/node-a/node.crt >/dev/null")
                        .c_str()) == 0);
  CHECK(std::system((verify + "-purpose sslserver -verify_ip 127.0.0.1 " + path +
                     "/zones/egov/tls.crt >/dev/null")
                        .c_str()) == 0);
  CHECK(std::system((verify + "-purpose sslserver -verify_ip 127.0.0.2 " + path +
                     "/zones/egov/tls.crt >/dev/null 2>&1")
                        .c_str()) != 0);
}
