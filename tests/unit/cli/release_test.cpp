// hangu open and receipt on releases as emit makes them.

#include "flow/release.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "audit/note.hpp"
#include "audit/proof_text.hpp"
#include "base/limits.hpp"
#include "config/trust.hpp"
#include "package/writer.hpp"
#include "tests/unit/cli/fake_gateway.hpp"
#include "tests/unit/flow/chain_builder.hpp"

using namespace hangu;
using flow::State;
using test::as;
using test::FakeGateway;
using test::invoke;
using test::Invoked;
using test::kTransfer;
using test::Script;
using test::Workshop;

namespace {

/// A release as emit makes it, sealed for the node portal.
struct Released {
  test::ChainBuilder builder;
  Bytes bytes;
  std::string content = "the rendition";
  std::function<void(flow::Release&)> change = [](auto&) {};
  std::string signer = "emit";

  void seal(const Workshop& shop) {
    const std::string story = builder.build().to_text();
    std::vector<flow::ObjectRow> rows = builder.rendition.rows();
    rows.push_back({std::string(flow::kStoryName), std::string(flow::kStoryMediaType),
                    crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(story))});
    rows.front().digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(content));
    const flow::Submission& from = builder.submission;
    flow::Release release{
        std::move(rows),  crypto::Suite::intl, builder.transfer,      "gw-test",
        from.origin_zone, from.origin_node,    from.destination_zone, from.destination_nodes,
        from.label};
    change(release);
    auto envelope = release.to_statement().sign(builder.key(signer));
    REQUIRE(envelope);
    const auto certificate =
        crypto::Certificate::parse_pem(shop.text_at(shop.node("portal") + "/open-intl.crt"));
    REQUIRE(certificate);
    const std::vector recipients{*certificate->recipient_key()};
    std::vector<package::SourceObject> objects;
    for (const flow::ObjectRow& row : release.objects)
      objects.push_back({row.name, row.media_type, bytes_of(objects.empty() ? content : story)});
    const auto state = [&](const flow::ObjectTable&) { return envelope; };
    const package::SealPlan plan{crypto::Suite::intl, recipients, objects, state, 1, {}};
    const std::string path = shop.path("released");
    const auto file = os::create_file(path);
    REQUIRE(file);
    crypto::SystemEntropy entropy;
    REQUIRE(package::seal(plan, file->view(), entropy));
    bytes = to_bytes(shop.text_at(path));
  }
  std::string trust_file(const Workshop& shop) const {
    config::StageKeys keys = builder.trust().stage_keys;
    keys.emplace("audit", builder.key("audit").verify_key());
    return shop.file("stages.json", config::stage_keys_to_text(keys));
  }
};

Invoked open(const Workshop& shop, const std::string& package, const std::string& trust,
             std::vector<std::string> more = {}) {
  std::vector<std::string> words{"open", package,          "--identity", shop.node("portal"),
                                 "--to", shop.path("out"), "--json"};
  if (!trust.empty()) words.insert(words.end(), {"--trust", trust});
  words.insert(words.end(), more.begin(), more.end());
  return invoke(words);
}

}  // namespace

TEST_CASE("open checks a release's story, writes the objects and acknowledges", "[cli][open]") {
  const Workshop shop;
  Released released;
  released.seal(shop);
  const std::string package = shop.file("r.hangu", text_of(released.bytes));
  FakeGateway gateway(shop, {});
  const Invoked done = open(shop, package, released.trust_file(shop),
                            {"--acknowledge", "--gateway", gateway.endpoint()});
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(shop.text_at(shop.path("out/map.gpkg")) == "the rendition");
  std::size_t steps = 0;
  std::vector<std::string> people;
  for (const wire::Json& event : done.events()) {
    const std::string kind = *event.find("event")->as_string();
    if (kind == "step") ++steps;
    if (kind == "approval") people.push_back(*event.find("person")->as_string());
  }
  CHECK(steps == 8);
  CHECK(done.out.find(R"("policy":")") != std::string::npos);
  CHECK(done.out.find(R"("rules":[)") != std::string::npos);
  CHECK(done.out.find(R"("validUntil":")") != std::string::npos);
  CHECK(people == std::vector<std::string>{"li", "wang"});
  CHECK(gateway.acknowledged() ==
        R"({"sealed":")" +
            crypto::digest_of(crypto::HashAlgorithm::sha256, released.bytes).to_text() + "\"}");
}

TEST_CASE("a --trust file that is none, and a log key that is not there, are the caller's mistake",
          "[cli][open]") {
  const Workshop shop;
  Released released;
  released.seal(shop);
  const std::string package = shop.file("r.hangu", text_of(released.bytes));
  for (const std::string& trust :
       {std::string("/etc/passwd"), shop.file("no.json", "[]"), shop.file("empty.json", "{}")}) {
    const Invoked done = open(shop, package, trust);
    CHECK(done.status == 2);
    CHECK(done.text("reason") == "trust-file-invalid");
  }
  CHECK(open(shop, package, shop.path("absent")).text("reason") == "file-missing");
  const Invoked folder = open(shop, shop.path("pki"), "");
  CHECK(folder.status == 2);
  CHECK(folder.text("context").find(shop.path("pki")) != std::string::npos);
  FakeGateway gateway(shop, {});
  const Invoked key =
      invoke(as(shop, gateway, {"receipt", kTransfer, "--log-key", shop.path("log.vkey")}));
  CHECK(key.status == 2);
  CHECK(key.text("reason") == "file-missing");
  CHECK(invoke(as(shop, gateway, {"receipt", kTransfer, "--log-key", "a+b+c"})).text("reason") ==
        "vkey-invalid");
}

TEST_CASE(
    "without a trust file open says what was not checked, exits with 5 and acknowledges "
    "nothing",
    "[cli][open]") {
  const Workshop shop;
  Released released;
  released.seal(shop);
  const std::string package = shop.file("r.hangu", text_of(released.bytes));
  FakeGateway gateway(shop, {});
  const Invoked done = open(shop, package, "", {"--acknowledge", "--gateway", gateway.endpoint()});
  CHECK(done.status == 5);
  CHECK(*done.events().back().find("reason")->as_string() == "not-checked");
  CHECK(std::filesystem::exists(shop.path("out/map.gpkg")));
  CHECK(gateway.acknowledged().empty());
}

TEST_CASE("a release whose story does not hold is not written", "[cli][open]") {
  const Workshop shop;
  Released released;
  std::string reason;
  std::vector<std::string> more;
  SECTION("signed by another than emit") {
    released.signer = "stranger";
    reason = "release-unsigned";
  }
  SECTION("other bytes than were checked and approved") {
    released.content = "something else";
    reason = "story-rendition";
  }
  SECTION("a lower label") {
    released.builder.submission.label.secrecy = flow::Secrecy::internal;
    released.builder.decision.output_label = released.builder.submission.label;
    released.change = [](flow::Release& r) { r.label.secrecy = flow::Secrecy::open; };
    reason = "story-label";
  }
  SECTION("another destination") {
    released.change = [](flow::Release& r) { r.destination_zone = *ZoneId::create("elsewhere"); };
    reason = "story-flow";
  }
  SECTION("the story of another transfer") {
    released.change = [](flow::Release& r) {
      r.transfer = *TransferId::create(std::string(32, '9'));
    };
    reason = "warrant-transfer";
  }
  SECTION("a step is missing") {
    released.builder.left_out = {flow::Stage::check};
    reason = "warrant-steps";
  }
  SECTION("a step signed by another stage") {
    released.builder.signer[flow::Stage::inspect] = "verify";
    reason = "warrant-stage-signature";
  }
  SECTION("one approval too few") {
    released.builder.approvals = {released.builder.approval_of("li")};
    reason = "warrant-approvals";
  }
  SECTION("another log") {
    more = {"--log-origin", "gw-other/audit"};
    reason = "checkpoint-origin";
  }
  released.seal(shop);
  const std::string package = shop.file("r.hangu", text_of(released.bytes));
  const Invoked done = open(shop, package, released.trust_file(shop), more);
  CHECK(done.status == 5);
  CHECK(done.text("reason") == reason);
  CHECK_FALSE(std::filesystem::exists(shop.path("out")));
}

TEST_CASE("receipt keeps entries with their proofs and checks them against the log's key",
          "[cli][receipt]") {
  const Workshop shop;
  test::ChainBuilder builder;
  const flow::ReceiptChain chain = builder.build();
  const flow::Receipt& first = chain.receipts.front();
  const audit::LogProof proof{first.index, first.path, chain.checkpoint};
  const auto receipts = [&](const std::string& entry) {
    return wire::Json(wire::JsonArray{wire::JsonObject{{"type", "step.receive"},
                                                       {"index", first.index},
                                                       {"entry", entry},
                                                       {"proof", proof.to_text()}}})
        .to_text();
  };
  const auto vkey = audit::NoteKey::create("gw-test/audit", builder.key("audit").verify_key());
  REQUIRE(vkey);
  Script script;
  script.receipts = receipts(first.entry);
  FakeGateway gateway(shop, script);
  const std::vector<std::string> ask{"receipt",       kTransfer, "--verify",       "--log-key",
                                     vkey->to_text(), "--out",   shop.path("kept")};
  const Invoked good = invoke(as(shop, gateway, ask));
  INFO(good.err);
  CHECK(good.status == 0);
  CHECK(good.text("type") == "step.receive");
  CHECK(shop.text_at(shop.path("kept/1.entry.json")) == first.entry);
  CHECK(shop.text_at(shop.path("kept/1.tlog-proof")) == proof.to_text());
  // Kept again the same, but never over something else.
  CHECK(invoke(as(shop, gateway, ask)).status == 0);
  REQUIRE(os::write_file_durably(shop.path("kept/1.tlog-proof"), bytes_of("mine")));
  const Invoked kept = invoke(as(shop, gateway, ask));
  CHECK(kept.status == 2);
  CHECK(kept.text("reason") == "file-exists");
  CHECK(shop.text_at(shop.path("kept/1.tlog-proof")) == "mine");
  CHECK(invoke(as(shop, gateway, {"receipt", kTransfer, "--verify"})).status == 2);
  CHECK(invoke(as(shop, gateway, {"receipt", std::string(32, '0'), "--log-key", vkey->to_text()}))
            .text("reason") == "proof-invalid");  // the entry is of another transfer

  std::string forged = first.entry;
  forged.replace(forged.find(R"("uid":1)"), 7, R"("uid":2)");
  script.receipts = receipts(forged);
  FakeGateway liar(shop, script);
  const Invoked bad = invoke(as(shop, liar, {"receipt", kTransfer, "--log-key", vkey->to_text()}));
  CHECK(bad.status == 5);
  CHECK(bad.text("reason") == "proof-invalid");
}
