#include "config/gateway.hpp"

#include <catch2/catch.hpp>

#include "config/trust.hpp"
#include "os/file.hpp"
#include "tests/support/seeded_entropy.hpp"

namespace {

using namespace hangu;
using config::Carrier;
using config::Gateway;

std::string example() {
  const auto bytes =
      os::read_file(HANGU_SOURCE_DIR "/config/gateway.example.toml", config::kConfigBytesMax);
  REQUIRE(bytes);
  return std::string(text_of(*bytes));
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

ZoneId zone(const char* id) { return *ZoneId::create(id); }

}  // namespace

TEST_CASE("the documented example configuration loads with its zones and links", "[config]") {
  const auto gateway = Gateway::parse(example());
  REQUIRE(gateway);
  CHECK(gateway->zones.size() == 3);
  CHECK(gateway->log_origin() == "gw-demo/audit");
  CHECK(gateway->linked(zone("egov"), zone("internet"), Carrier::online));
  CHECK(gateway->linked(zone("egov"), zone("classified"), Carrier::online));
  CHECK_FALSE(gateway->linked(zone("classified"), zone("internet"), Carrier::online));
  CHECK_FALSE(gateway->linked(zone("egov"), zone("internet"), Carrier::media));
}

TEST_CASE("witnesses are named by a policy among the anchors and a zone that is there",
          "[config]") {
  CHECK_FALSE(Gateway::parse(example())->witness);
  const auto with = [](const std::string& policy, const std::string& zone_id) {
    return Gateway::parse(example() + "\n[witness]\npolicy = \"" + policy + "\"\nzone = \"" +
                          zone_id + "\"\n");
  };
  const auto gateway = with("anchors/witness.tlog", "egov");
  REQUIRE(gateway);
  CHECK(gateway->witness_policy_file() == gateway->folder + "/anchors/witness.tlog");
  CHECK(gateway->witness->zone == zone("egov"));
  for (const char* bad : {"", "witness.tlog", "/etc/witness.tlog", "anchors/", "anchors/../x",
                          "anchors/..", "anchors/a/b", "policy/witness.tlog"}) {
    CAPTURE(bad);
    CHECK_FALSE(with(bad, "egov"));
  }
  CHECK_FALSE(with("anchors/witness.tlog", "nowhere"));
  CHECK_FALSE(Gateway::parse(example() + "\n[witness]\npolicy = \"anchors/witness.tlog\"\n"));
}

TEST_CASE("an unknown key is refused with its place", "[config]") {
  const auto gateway = Gateway::parse("colour = 1\n" + example());
  REQUIRE_FALSE(gateway);
  CHECK(gateway.error().reason() == "config-unknown-key");
  CHECK(gateway.error().context().starts_with("line 1:1"));
}

TEST_CASE("a wrong value is refused with its place", "[config]") {
  const auto gateway =
      Gateway::parse(replaced(example(), "receive_port = 8443", "receive_port = 70000"));
  REQUIRE_FALSE(gateway);
  CHECK(gateway.error().reason() == "config-value");
  CHECK(gateway.error().context().find("receive_port") != std::string::npos);
}

TEST_CASE("the largest port is taken and the next is not", "[config]") {
  CHECK(Gateway::parse(replaced(example(), "receive_port = 8443", "receive_port = 65535")));
  CHECK_FALSE(Gateway::parse(replaced(example(), "receive_port = 8443", "receive_port = 65536")));
}

TEST_CASE("a link to a zone that is not there, or to itself, is refused", "[config]") {
  CHECK_FALSE(Gateway::parse(replaced(example(), "to = \"internet\"", "to = \"moon\"")));
  CHECK_FALSE(Gateway::parse(replaced(example(), "to = \"internet\"", "to = \"egov\"")));
}

TEST_CASE("a zone id longer than fifteen characters is refused", "[config]") {
  CHECK(Gateway::parse(replaced(example(), "[quotas]",
                                "[zone.abcdefghijklmno]\ntitle_zh = \"x\"\ntitle_en = \"x\"\n"
                                "address = \"127.0.0.1\"\n[quotas]")));
  CHECK_FALSE(Gateway::parse(replaced(example(), "[quotas]",
                                      "[zone.abcdefghijklmnop]\ntitle_zh = \"x\"\n"
                                      "title_en = \"x\"\naddress = \"127.0.0.1\"\n[quotas]")));
}

TEST_CASE("a byte order mark and a syntax error are refused", "[config]") {
  CHECK_FALSE(Gateway::parse("\xef\xbb\xbf" + example()));
  const auto broken = Gateway::parse("name = [\n");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().reason() == "config-syntax");
}

TEST_CASE("without a table nothing is forwarded; with one, to one receiver", "[config]") {
  CHECK_FALSE(Gateway::parse(example())->forward);
  const std::string table =
      "\n[forward]\naddress = \"192.0.2.7\"\nserver_name = \"siem.example\"\n"
      "certificate = \"/c\"\nkey = \"/k\"\nauthority = \"/a\"\n";
  const auto gateway = Gateway::parse(example() + table);
  REQUIRE(gateway);
  REQUIRE(gateway->forward);
  CHECK(gateway->forward->port == 6514);
  CHECK(gateway->forward->enterprise_number == 32473);
  CHECK_FALSE(gateway->forward->chinese);
  CHECK_FALSE(gateway->forward->network_namespace);
  CHECK(Gateway::parse(example() + table + "language = \"zh\"\nport = 65535\n")->forward->chinese);
  for (const auto& [from, to] : {std::pair{"192.0.2.7", "siem.example"},
                                 {"\"/k\"", "\"k\""},
                                 {"siem.example", ""},
                                 {"key = ", "secret = "}})
    CHECK_FALSE(Gateway::parse(example() + replaced(table, from, to)));
  for (const char* line : {"port = 0\n", "port = 65536\n", "language = \"fr\"\n",
                           "enterprise_number = 0\n", "network_namespace = \"a/b\"\n"})
    CHECK_FALSE(Gateway::parse(example() + table + line));
}

TEST_CASE("without a table there is no central directory; with one, one server", "[config]") {
  using std::chrono::seconds;
  CHECK_FALSE(Gateway::parse(example())->directory);
  const std::string table =
      "\n[directory]\naddress = \"192.0.2.9\"\nserver_name = \"ldap.example\"\nbase = \"dc=x\"\n"
      "certificate = \"/c\"\nkey = \"/k\"\nauthority = \"/a\"\n";
  const auto gateway = Gateway::parse(example() + table);
  REQUIRE(gateway);
  REQUIRE(gateway->directory);
  CHECK(gateway->directory->port == 636);
  CHECK_FALSE(gateway->directory->start_tls);
  CHECK(gateway->directory->crl.empty());
  CHECK(gateway->directory->heartbeat == seconds(10));
  CHECK(gateway->directory->ages.confidential == seconds(60));
  CHECK(gateway->directory->ages.secret == seconds(300));
  CHECK(gateway->directory->ages.internal == seconds(3600));
  CHECK(Gateway::parse(example() + table + "start_tls = true\n")->directory->port == 389);
  CHECK(Gateway::parse(example() + table + "heartbeat_s = 30\n"));  // two in a minute
  CHECK(Gateway::parse(example() + table + "age_internal_s = 86400\n"));
  CHECK(Gateway::parse(example() + table + "crl = \"anchors/directory.crl\"\n"));
  for (const auto& [from, to] : {std::pair{"192.0.2.9", "ldap.example"},
                                 {"\"/k\"", "\"k\""},
                                 {"ldap.example", ""},
                                 {"dc=x", ""},
                                 {"key = ", "password = "}})
    CHECK_FALSE(Gateway::parse(example() + replaced(table, from, to)));
  for (const char* line :
       {"port = 0\n", "port = 65536\n", "heartbeat_s = 0\n", "heartbeat_s = 31\n",
        "age_internal_s = 86401\n", "age_secret_s = 19\n", "crl = \"/etc/crl.pem\"\n",
        "start_tls = 1\n", "network_namespace = \"a/b\"\n"})
    CHECK_FALSE(Gateway::parse(example() + table + line));
}

/// The example with the lines that stand behind "# `table`" in comments made its own.
std::string with_example_table(const std::string& name) {
  std::string text = example();
  const std::size_t at = text.find("# [" + name + "]");
  REQUIRE(at != std::string::npos);
  std::string table = text.substr(at, text.find("\n\n", at) - at);
  for (std::size_t i = 0; i != std::string::npos; i = table.find("\n# ", i)) {
    if (i > 0) ++i;
    if (table.substr(i).starts_with("# ")) table.erase(i, 2);
  }
  return text.substr(0, at) + table;
}

TEST_CASE("the example's own lines about forwarding and a directory can be used", "[config]") {
  const auto forwarding = Gateway::parse(with_example_table("forward"));
  REQUIRE(forwarding);
  CHECK(forwarding->forward->network_namespace == "hangu-admin");
  const auto directory = Gateway::parse(with_example_table("directory"));
  REQUIRE(directory);
  CHECK(directory->directory->network_namespace == "hangu-admin");
  CHECK(directory->directory->crl == "anchors/directory.crl");
}

TEST_CASE("stage keys read back as written and refuse what is no key", "[config]") {
  test::SeededEntropy entropy("keys");
  const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::ed25519, entropy);
  REQUIRE(key);
  const config::StageKeys keys{{"verify", key->verify_key()}, {"receive.egov", key->verify_key()}};
  const auto read = config::parse_stage_keys(config::stage_keys_to_text(keys));
  REQUIRE(read);
  CHECK(*read == keys);
  CHECK_FALSE(config::parse_stage_keys(R"({"verify":{"algorithm":"ed25519","key":"AAAA"}})"));
  CHECK_FALSE(config::parse_stage_keys(R"({"verify":{"algorithm":"rot13","key":"AAAA"}})"));
}
