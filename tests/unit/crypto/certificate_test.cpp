// Certificates: those that Authority issues, and those in certificates/, which the openssl program
// made (tests/support/certificate_vectors.sh; valid 2026 to 2046).

#include "crypto/certificate.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

#include "vectors.hpp"

using namespace hangu;
using namespace hangu::crypto;

namespace {

std::string file(std::string_view name) {
  std::ifstream in(std::string(HANGU_SOURCE_DIR) + "/tests/unit/crypto/certificates/" +
                   std::string(name));
  std::ostringstream text;
  text << in.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  return text.str();
}

constexpr WallTime midnight(int year, unsigned month, unsigned day) {
  return WallTime(std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                                        std::chrono::day(day))
                      .time_since_epoch());
}

constexpr WallTime kIssued = midnight(2026, 3, 1);
constexpr WallTime kToday = midnight(2030, 6, 1);

TrustAnchors anchors_of(std::string_view pem) {
  auto anchors = TrustAnchors::parse_pem(pem);
  REQUIRE(anchors);
  return *std::move(anchors);
}

TrustAnchors file_anchors() {
  return anchors_of(file("root-ed25519.pem") + file("root-p256.pem") + file("root-sm2.pem"));
}

Authority authority_of(Suite suite, std::string_view name = "hangu-test-root") {
  test::CountingEntropy entropy(suite == Suite::gm ? 11 : 10);
  auto authority = Authority::create(suite, name, kIssued, 3650, entropy);
  REQUIRE(authority);
  return *std::move(authority);
}

SigningKey signing_key(SignatureAlgorithm algorithm) {
  test::CountingEntropy entropy(20);
  auto key = SigningKey::generate(algorithm, entropy);
  REQUIRE(key);
  return *std::move(key);
}

Subject reviewer() {
  return {.kind = HolderKind::person,
          .name = "wang.li",
          .organisation = "函谷测绘院",
          .zones = {"egov", "internet"},
          .roles = {"reviewer", "security-officer"},
          .dns_names = {}};
}

}  // namespace

TEST_CASE("an issued certificate states its holder and is accepted by its authority's anchor",
          "[crypto][certificate]") {
  test::CountingEntropy entropy(30);
  for (const Suite suite : {Suite::intl, Suite::gm}) {
    const Authority authority = authority_of(suite);
    const TrustAnchors anchors = anchors_of(authority.certificate().pem());
    for (const auto algorithm :
         {SignatureAlgorithm::ed25519, SignatureAlgorithm::sm2, SignatureAlgorithm::ecdsa_p256}) {
      CAPTURE(to_text(suite), to_text(algorithm));
      const SigningKey key = signing_key(algorithm);
      const auto issued =
          authority.issue(key.verify_key(), reviewer(), {KeyUse::sign}, kIssued, 365, entropy);
      REQUIRE(issued);
      const auto checked = anchors.check(issued->pem(), HolderKind::person, kIssued);
      REQUIRE(checked);
      CHECK(checked->subject() == reviewer());
      REQUIRE(checked->verify_key() != nullptr);
      CHECK(*checked->verify_key() == key.verify_key());
      CHECK(checked->recipient_key() == nullptr);
      CHECK(checked->fingerprint() == issued->fingerprint());
      CHECK(checked->not_before() == kIssued);
      CHECK(checked->not_after() == kIssued + std::chrono::days(365));
      CHECK(checked->pem() == issued->pem());
    }
  }
}

TEST_CASE("a sealing certificate carries a recipient key", "[crypto][certificate]") {
  test::CountingEntropy entropy(31);
  for (const Suite suite : {Suite::intl, Suite::gm}) {
    const Authority authority = authority_of(suite);
    const auto opening = OpeningKey::generate(suite, entropy);
    REQUIRE(opening);
    const Subject gateway{.kind = HolderKind::gateway,
                          .name = "g1",
                          .organisation = {},
                          .zones = {},
                          .roles = {},
                          .dns_names = {}};
    const auto issued =
        authority.issue(opening->recipient_key(), gateway, {KeyUse::seal}, kIssued, 365, entropy);
    REQUIRE(issued);
    const auto checked = anchors_of(authority.certificate().pem())
                             .check(issued->pem(), HolderKind::gateway, kIssued);
    REQUIRE(checked);
    REQUIRE(checked->recipient_key() != nullptr);
    CHECK(*checked->recipient_key() == opening->recipient_key());
    CHECK(checked->verify_key() == nullptr);
  }
}

TEST_CASE("a TLS certificate carries its server's names and addresses", "[crypto][certificate]") {
  test::CountingEntropy entropy(32);
  const Authority authority = authority_of(Suite::intl);
  Subject node{.kind = HolderKind::node,
               .name = "n1",
               .organisation = "O",
               .zones = {"egov"},
               .roles = {},
               .dns_names = {"gate.example", "ip:127.0.0.1", "ip:::1"}};
  const SigningKey key = signing_key(SignatureAlgorithm::ed25519);
  const auto issued = authority.issue(
      key.verify_key(), node, {KeyUse::tls_server, KeyUse::tls_client}, kIssued, 1, entropy);
  REQUIRE(issued);
  CHECK(issued->subject() == node);
  node.dns_names = {"ip:127.0.0.256"};
  CHECK(test::reason_of(authority.issue(key.verify_key(), node, {KeyUse::tls_server}, kIssued, 1,
                                        entropy)) == "certificate-request-invalid");
}

TEST_CASE("validity begins at its first second and ends before its last", "[crypto][certificate]") {
  test::CountingEntropy entropy(33);
  const Authority authority = authority_of(Suite::intl);
  const TrustAnchors anchors = anchors_of(authority.certificate().pem());
  const SigningKey key = signing_key(SignatureAlgorithm::ed25519);
  const WallTime start = kIssued + std::chrono::days(10);
  const auto issued =
      authority.issue(key.verify_key(), reviewer(), {KeyUse::sign}, start, 1, entropy);
  REQUIRE(issued);
  const auto reason = [&](WallTime now) {
    return test::reason_of(anchors.check(issued->pem(), HolderKind::person, now));
  };
  using std::chrono::milliseconds;
  CHECK(reason(start + milliseconds(-1)) == "certificate-not-yet");
  CHECK(reason(start) == "(ok)");
  CHECK(reason(start + std::chrono::days(1) + milliseconds(-1)) == "(ok)");
  CHECK(reason(start + std::chrono::days(1)) == "certificate-expired");
  // Also when the authority's own time is over, and before it.
  CHECK(reason(kIssued + std::chrono::days(4000)) == "certificate-expired");
  CHECK(reason(kIssued + std::chrono::days(-1)) == "certificate-not-yet");
}

TEST_CASE("a certificate of another kind, authority or content is forbidden",
          "[crypto][certificate]") {
  test::CountingEntropy entropy(34);
  for (const Suite suite : {Suite::intl, Suite::gm}) {
    const Authority authority = authority_of(suite);
    const SigningKey key = signing_key(signature_of(suite));
    const auto issued =
        authority.issue(key.verify_key(), reviewer(), {KeyUse::sign}, kIssued, 30, entropy);
    REQUIRE(issued);
    const TrustAnchors anchors = anchors_of(authority.certificate().pem());
    CHECK(test::reason_of(anchors.check(issued->pem(), HolderKind::node, kIssued)) ==
          "certificate-wrong-kind");
    CHECK(test::reason_of(anchors.check(authority.certificate().pem(), HolderKind::node,
                                        kIssued)) == "certificate-wrong-kind");

    test::CountingEntropy elsewhere(99);
    const auto impostor = Authority::create(suite, "hangu-test-root", kIssued, 3650, elsewhere);
    const auto stranger = Authority::create(suite, "another-root", kIssued, 3650, elsewhere);
    REQUIRE((impostor && stranger));
    for (const Authority* other : {&*impostor, &*stranger})
      CHECK(test::reason_of(anchors_of(other->certificate().pem())
                                .check(issued->pem(), HolderKind::person, kIssued)) ==
            "certificate-untrusted");
  }
}

TEST_CASE("certificates made by the openssl program are accepted", "[crypto][certificate]") {
  const TrustAnchors anchors = file_anchors();
  for (const auto& [algorithm, name] : {std::pair{SignatureAlgorithm::ed25519, "ed25519"},
                                        std::pair{SignatureAlgorithm::ecdsa_p256, "p256"},
                                        std::pair{SignatureAlgorithm::sm2, "sm2"}}) {
    CAPTURE(name);
    const auto checked =
        anchors.check(file("person-" + std::string(name) + ".pem"), HolderKind::person, kToday);
    REQUIRE(checked);
    CHECK(checked->subject().name == "wang.li");
    CHECK(checked->subject().organisation == "函谷测绘院");
    CHECK(checked->subject().zones == std::set<std::string>{"egov"});
    CHECK(checked->subject().roles == std::set<std::string>{"reviewer"});
    CHECK(checked->not_after() == midnight(2046, 1, 1));
    // The private key beside it is this certificate's.
    const auto key = read_signing_key_pem(bytes_of(file("key-" + std::string(name) + ".pem")));
    REQUIRE(key);
    CHECK(key->verify_key().algorithm() == algorithm);
    REQUIRE(checked->verify_key() != nullptr);
    CHECK(*checked->verify_key() == key->verify_key());
  }
  const auto node = anchors.check(file("node-ed25519.pem"), HolderKind::node, kToday);
  REQUIRE(node);
  CHECK(node->subject().dns_names ==
        std::set<std::string>{"gate.example", "ip:127.0.0.1", "ip:::1"});
  CHECK(anchors.check(file("good-unknown-plain.pem"), HolderKind::node, kToday));

  const auto x25519 = anchors.check(file("seal-x25519.pem"), HolderKind::gateway, kToday);
  REQUIRE(x25519);
  const auto opening = read_opening_key_pem(Suite::intl, bytes_of(file("key-x25519.pem")));
  REQUIRE(opening);
  REQUIRE(x25519->recipient_key() != nullptr);
  CHECK(*x25519->recipient_key() == opening->recipient_key());
  const auto sm2 = anchors.check(file("seal-sm2.pem"), HolderKind::gateway, kToday);
  REQUIRE(sm2);
  const auto sm2_opening = read_opening_key_pem(Suite::gm, bytes_of(file("key-sm2.pem")));
  REQUIRE(sm2_opening);
  REQUIRE(sm2->recipient_key() != nullptr);
  CHECK(*sm2->recipient_key() == sm2_opening->recipient_key());
}

TEST_CASE("certificates that state too much, too little or another thing are refused",
          "[crypto][certificate]") {
  const TrustAnchors anchors = file_anchors();
  const auto reason = [&](std::string_view name) {
    return test::reason_of(anchors.check(file(name), HolderKind::node, kToday));
  };
  for (const std::string_view name :
       {"bad-two-identities.pem", "bad-no-identity.pem", "bad-other-name.pem",
        "bad-unknown-uri.pem", "bad-zone.pem", "bad-no-usage.pem", "bad-two-uses.pem",
        "bad-rsa.pem", "bad-sha512.pem"}) {
    CAPTURE(name);
    CHECK(reason(name) == "certificate-invalid");
  }
  for (const std::string_view name :
       {"bad-unknown-critical.pem", "bad-sm2-identity.pem", "bad-by-middle.pem", "bad-by-leaf.pem",
        "bad-by-impostor.pem", "bad-by-impostor-no-key-id.pem", "impostor.pem"}) {
    CAPTURE(name);
    CHECK(reason(name) == "certificate-untrusted");
  }
}

TEST_CASE("a certificate with any byte of its DER changed is refused", "[crypto][certificate]") {
  const TrustAnchors anchors = file_anchors();
  for (const std::string_view name : {"node-ed25519.pem", "person-sm2.pem"}) {
    const std::string pem = file(name);
    const std::size_t begin = pem.find('\n') + 1;
    std::string body = pem.substr(begin, pem.find("-----END") - begin);
    std::erase(body, '\n');
    const auto der = from_base64(body);
    REQUIRE(der);
    const HolderKind kind = name.starts_with("node") ? HolderKind::node : HolderKind::person;
    const auto rewrapped = [](ByteView bytes) {
      return "-----BEGIN CERTIFICATE-----\n" + to_base64(bytes) + "\n-----END CERTIFICATE-----\n";
    };
    REQUIRE(anchors.check(rewrapped(*der), kind, kToday));
    for (std::size_t i = 0; i < der->size(); ++i) {
      CAPTURE(i);
      Bytes changed = *der;
      changed[i] ^= std::byte{1};
      REQUIRE_FALSE(anchors.check(rewrapped(changed), kind, kToday));
    }
    Bytes longer = *der;
    longer.push_back(std::byte{0});
    CHECK_FALSE(anchors.check(rewrapped(longer), kind, kToday));
  }
}

TEST_CASE("exactly one PEM block makes a certificate", "[crypto][certificate]") {
  const std::string pem = file("node-ed25519.pem");
  CHECK(Certificate::parse_pem(pem));
  CHECK(Certificate::parse_pem(pem + "\n"));
  for (const std::string& bad :
       {std::string(), "text\n" + pem, pem + pem, pem + "x", pem.substr(0, pem.size() / 2),
        file("key-ed25519.pem"),
        std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----"),
        std::string(100'000, 'A')})
    CHECK(test::reason_of(Certificate::parse_pem(bad)) == "certificate-invalid");
}

TEST_CASE("anchors are authorities that signed themselves, at most sixteen",
          "[crypto][certificate]") {
  const std::string root = file("root-ed25519.pem");
  CHECK(TrustAnchors::parse_pem(root + "\n" + file("root-sm2.pem")));
  CHECK(file_anchors().pem() == root + file("root-p256.pem") + file("root-sm2.pem"));
  const auto reason = [](const std::string& pem) {
    return test::reason_of(TrustAnchors::parse_pem(pem));
  };
  CHECK(reason("") == "certificate-invalid");
  CHECK(reason(file("node-ed25519.pem")) == "certificate-invalid");
  CHECK(reason(root + "junk") == "certificate-invalid");
  CHECK(reason(root + file("key-ed25519.pem")) == "certificate-invalid");
  std::string sixteen;
  for (int i = 0; i < 16; ++i) sixteen += root;
  CHECK(reason(sixteen) == "(ok)");
  CHECK(reason(sixteen + root) == "certificate-invalid");
}

TEST_CASE("requests that no certificate should answer are refused", "[crypto][certificate]") {
  test::CountingEntropy entropy(35);
  const Authority authority = authority_of(Suite::intl);
  const VerifyKey key = signing_key(SignatureAlgorithm::ed25519).verify_key();
  const auto opening = OpeningKey::generate(Suite::intl, entropy);
  REQUIRE(opening);
  const auto reason = [&](const PublicKey& public_key, const Subject& subject,
                          const std::set<KeyUse>& uses, int days) {
    return test::reason_of(authority.issue(public_key, subject, uses, kIssued, days, entropy));
  };
  CHECK(reason(key, reviewer(), {KeyUse::sign}, 36'500) == "(ok)");
  CHECK(reason(key, reviewer(), {KeyUse::sign}, 36'501) == "certificate-request-invalid");
  CHECK(reason(key, reviewer(), {KeyUse::sign}, 0) == "certificate-request-invalid");
  CHECK(reason(key, reviewer(), {}, 1) == "certificate-request-invalid");
  CHECK(reason(key, reviewer(), {KeyUse::seal}, 1) == "certificate-request-invalid");
  CHECK(reason(opening->recipient_key(), reviewer(), {KeyUse::sign}, 1) ==
        "certificate-request-invalid");
  CHECK(reason(opening->recipient_key(), reviewer(), {KeyUse::seal, KeyUse::tls_client}, 1) ==
        "certificate-request-invalid");

  Subject subject = reviewer();
  subject.name = "Wang Li";
  CHECK(reason(key, subject, {KeyUse::sign}, 1) == "id-invalid");
  subject = reviewer();
  subject.zones = {"EGOV"};
  CHECK(reason(key, subject, {KeyUse::sign}, 1) == "id-invalid");
  subject = reviewer();
  subject.roles = {"a role"};
  CHECK(reason(key, subject, {KeyUse::sign}, 1) == "id-invalid");
  subject = reviewer();
  subject.kind = HolderKind::authority;
  CHECK(reason(key, subject, {KeyUse::sign}, 1) == "certificate-request-invalid");
  subject = reviewer();
  subject.organisation = std::string(64, 'x');
  CHECK(reason(key, subject, {KeyUse::sign}, 1) == "(ok)");
  subject.organisation = std::string(65, 'x');
  CHECK(reason(key, subject, {KeyUse::sign}, 1) == "certificate-request-invalid");
  subject.organisation = "\xff";
  CHECK(reason(key, subject, {KeyUse::sign}, 1) == "certificate-request-invalid");
  CHECK(test::reason_of(Authority::create(Suite::intl, "My CA", kIssued, 1, entropy)) ==
        "id-invalid");
}

TEST_CASE("keys written to PEM read back, and an authority loads from its two files",
          "[crypto][certificate][keyfile]") {
  test::CountingEntropy entropy(36);
  for (const auto algorithm :
       {SignatureAlgorithm::ed25519, SignatureAlgorithm::sm2, SignatureAlgorithm::ecdsa_p256}) {
    CAPTURE(to_text(algorithm));
    const SigningKey key = signing_key(algorithm);
    const auto pem = write_key_pem(key);
    REQUIRE(pem);
    CHECK(text_of(*pem).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    const auto again = read_signing_key_pem(*pem);
    REQUIRE(again);
    CHECK(again->verify_key() == key.verify_key());
    CHECK(constant_time_equal(again->secret().reveal(SecretAccess::for_storing()),
                              key.secret().reveal(SecretAccess::for_storing())));
  }
  for (const Suite suite : {Suite::intl, Suite::gm}) {
    const auto opening = OpeningKey::generate(suite, entropy);
    REQUIRE(opening);
    const auto pem = write_key_pem(*opening);
    REQUIRE(pem);
    const auto again = read_opening_key_pem(suite, *pem);
    REQUIRE(again);
    CHECK(again->recipient_key() == opening->recipient_key());
    const Suite other = suite == Suite::gm ? Suite::intl : Suite::gm;
    CHECK(test::reason_of(read_opening_key_pem(other, *pem)) == "key-invalid");

    const Authority authority = authority_of(suite);
    const auto key_pem = write_key_pem(authority.key());
    REQUIRE(key_pem);
    const auto loaded = Authority::load(authority.certificate().pem(), text_of(*key_pem));
    REQUIRE(loaded);
    CHECK(loaded->key().verify_key() == authority.key().verify_key());
    CHECK(test::reason_of(Authority::load(authority_of(other).certificate().pem(),
                                          text_of(*key_pem))) == "key-invalid");
  }
}

TEST_CASE("files that hold no plain PKCS#8 key of ours are refused",
          "[crypto][certificate][keyfile]") {
  const auto reason = [](const std::string& pem) {
    return test::reason_of(read_signing_key_pem(bytes_of(pem)));
  };
  const std::string good = file("key-ed25519.pem");
  CHECK(reason(good) == "(ok)");
  CHECK(reason(good + "\n") == "(ok)");
  CHECK(reason(good + good) == "key-invalid");
  CHECK(reason("x" + good) == "key-invalid");
  CHECK(reason(good.substr(0, good.size() - 30)) == "key-invalid");
  CHECK(reason("") == "key-invalid");
  CHECK(reason(file("bad-key-encrypted.pem")) == "key-invalid");
  CHECK(reason(file("bad-key-rsa.pem")) == "key-invalid");
  CHECK(reason(file("key-x25519.pem")) == "key-invalid");
  CHECK(reason(file("node-ed25519.pem")) == "key-invalid");
}
