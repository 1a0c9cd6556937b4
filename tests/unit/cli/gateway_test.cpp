#include <filesystem>

#include <catch2/catch.hpp>

#include "audit/note.hpp"
#include "audit/proof_text.hpp"
#include "base/limits.hpp"
#include "config/trust.hpp"
#include "flow/release.hpp"
#include "package/writer.hpp"
#include "tests/unit/cli/fake_gateway.hpp"
#include "tests/unit/flow/chain_builder.hpp"

using namespace hangu;
using flow::State;
using test::FakeGateway;
using test::invoke;
using test::Invoked;
using test::Script;
using test::Workshop;

namespace {

const std::string kTransfer = "00112233445566778899aabbccddeeff";

std::vector<std::string> as(const Workshop& shop, const FakeGateway& gateway,
                            std::vector<std::string> words, const std::string& node = "survey") {
  words.insert(words.end(),
               {"--identity", shop.node(node), "--gateway", gateway.endpoint(), "--json"});
  return words;
}

std::string packed(const Workshop& shop) {
  REQUIRE(shop.pack("p.hangu", {shop.file("t.csv", "a\n1\n")}).status == 0);
  return shop.path("p.hangu");
}

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

TEST_CASE("submit hands over the package whole or resumable, and tells its id", "[cli][submit]") {
  const Workshop shop;
  const std::string package = packed(shop);
  for (const char* way : {"--whole", "--resumable"}) {
    INFO(way);
    FakeGateway gateway(shop, {});
    const Invoked done = invoke(as(shop, gateway, {"submit", package, way}));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(done.text("event") == "submitted");
    CHECK(done.text("state") == "received");
    CHECK(text_of(gateway.taken()) == shop.text_at(package));
    CHECK_FALSE(std::filesystem::exists(package + ".upload.json"));
  }
}

TEST_CASE("submit says whether the gateway had the package already, whole or resumable",
          "[cli][submit]") {
  const Workshop shop;
  const std::string package = packed(shop);
  for (const bool known : {false, true}) {
    Script script;
    script.known = known;
    FakeGateway gateway(shop, script);
    for (const char* way : {"--whole", "--resumable"}) {
      INFO(way);
      const Invoked done = invoke(as(shop, gateway, {"submit", package, way}));
      CHECK(done.events().front().find("known")->as_bool() != nullptr);
      CHECK(*done.events().front().find("known")->as_bool() == known);
    }
  }
}

TEST_CASE("an interrupted upload is taken up where the gateway holds it", "[cli][submit]") {
  const Workshop shop;
  const std::string package = packed(shop);
  FakeGateway gateway(shop, {});
  const Invoked first = invoke(as(shop, gateway, {"submit", package, "--resumable"}));
  REQUIRE(first.status == 0);
  CHECK(gateway.uploads_begun() == 1);
  // As an interruption leaves it: the note is there, the bytes are with the gateway.
  const std::string text = shop.text_at(package).substr(0, kChunkBytes);
  const std::string beginning = to_hex(crypto::hash(crypto::HashAlgorithm::sha256, bytes_of(text)));
  const auto note = [&](const std::string& location) {
    REQUIRE(
        os::write_file_durably(package + ".upload.json",
                               bytes_of(wire::Json(wire::JsonObject{{"gateway", gateway.endpoint()},
                                                                    {"beginning", beginning},
                                                                    {"location", location}})
                                            .to_text())));
  };
  note("/v1/uploads/one");
  CHECK(invoke(as(shop, gateway, {"submit", package, "--resumable"})).status == 0);
  CHECK(gateway.uploads_begun() == 1);
  // One that the gateway no longer knows is begun anew.
  note("/v1/uploads/gone");
  CHECK(invoke(as(shop, gateway, {"submit", package, "--resumable"})).status == 0);
  CHECK(gateway.uploads_begun() == 2);
}

TEST_CASE("submit --wait exits with the code of the end", "[cli][submit]") {
  const Workshop shop;
  const std::string package = packed(shop);
  struct Case {
    State state;
    const char* reason;
    int status;
  };
  for (const Case& c :
       {Case{State::emitted, "ok", 0}, Case{State::acknowledged, "ok", 0},
        Case{State::refused, "policy-no-permit", 10}, Case{State::refused, "approval-refused", 10},
        Case{State::refused, "csv-ragged-row", 11}, Case{State::refused, "submission-early", 11},
        Case{State::refused, "submission-expired", 14}, Case{State::quarantined, "worker-died", 12},
        Case{State::withdrawn, "", 14}, Case{State::expired, "", 14}}) {
    INFO(flow::to_text(c.state) << " " << c.reason);
    Script script;
    script.states = {State::received, State::inspected, c.state};
    script.reason = c.reason;
    FakeGateway gateway(shop, std::move(script));
    const Invoked done = invoke(as(shop, gateway, {"submit", package, "--wait"}));
    CHECK(done.status == c.status);
    CHECK(done.events().size() == 4);  // submitted and three states
  }
  Script waiting;
  waiting.states = {State::awaiting_approval};
  FakeGateway gateway(shop, std::move(waiting));
  CHECK(invoke(as(shop, gateway, {"submit", package, "--wait", "--timeout", "1s"})).status == 13);
}

TEST_CASE("a refused upload says why and exits by its kind", "[cli][submit]") {
  const Workshop shop;
  const std::string package = packed(shop);
  struct Case {
    int http;
    const char* reason;
    int status;
  };
  for (const Case& c : {Case{403, "node-other-zone", 3}, Case{429, "node-quota", 4},
                        Case{507, "disk-full", 4}, Case{503, "http-connections", 4},
                        Case{400, "package-magic", 5}, Case{500, "ledger-corrupt", 1}}) {
    INFO(c.reason);
    Script script;
    script.refuse_status = c.http;
    script.refuse_reason = c.reason;
    FakeGateway gateway(shop, std::move(script));
    const Invoked done = invoke(as(shop, gateway, {"submit", package, "--whole"}));
    CHECK(done.status == c.status);
    CHECK(done.text("reason") == c.reason);
    CHECK(done.text("id").empty());
  }
}

TEST_CASE("a gateway of another authority is not spoken to", "[cli][submit]") {
  const Workshop shop;
  const Workshop other;
  FakeGateway gateway(other, {});
  const Invoked done = invoke(as(shop, gateway, {"submit", packed(shop)}));
  CHECK(done.status == 3);
  CHECK(done.text("reason") == "tls-untrusted");
  CHECK(gateway.taken().empty());
  CHECK(invoke(as(other, gateway, {"list", "--server-name", "elsewhere.test"})).text("reason") ==
        "tls-wrong-name");
}

TEST_CASE("where a verdict was found stands in status, list, watch and submit --wait",
          "[cli][status]") {
  const Workshop shop;
  Script script;
  script.states = {State::refused};
  script.reason = "plain-name";
  script.detail = "map.gpkg: column \"name \" of \"道路\"";
  FakeGateway gateway(shop, std::move(script));
  const std::string package = packed(shop);
  const auto words = [&](std::vector<std::string> command) {
    for (const std::string& word : {std::string("--identity"), shop.node("survey"),
                                    std::string("--gateway"), gateway.endpoint()})
      command.push_back(word);
    return command;
  };
  for (const auto& command :
       {std::vector<std::string>{"status", kTransfer}, std::vector<std::string>{"list"},
        std::vector<std::string>{"watch", kTransfer},
        std::vector<std::string>{"submit", package, "--wait"}}) {
    INFO(command[0]);
    CHECK(invoke(words(command)).out.find("map.gpkg: column \"name \" of \"道路\"") !=
          std::string::npos);
  }
  CHECK(invoke(as(shop, gateway, {"status", kTransfer})).text("detail") ==
        "map.gpkg: column \"name \" of \"道路\"");
}

TEST_CASE("a gateway's words of where cannot steer the terminal", "[cli][status]") {
  const Workshop shop;
  Script script;
  script.states = {State::refused};
  script.reason = "plain-name";
  script.detail = "map\x1b[2J" + std::string(5000, 'x');
  FakeGateway gateway(shop, std::move(script));
  const Invoked status = invoke(
      {"status", kTransfer, "--identity", shop.node("survey"), "--gateway", gateway.endpoint()});
  CHECK(status.out.find("map\\u{1b}[2J") != std::string::npos);
  CHECK(status.out.find('\x1b') == std::string::npos);
  CHECK(status.out.find(std::string(500, 'x')) == std::string::npos);
}

TEST_CASE("status, list, watch and withdraw tell what the gateway says", "[cli][status]") {
  const Workshop shop;
  Script script;
  script.states = {State::refused};
  script.reason = "link-absent";
  FakeGateway gateway(shop, std::move(script));
  const Invoked status = invoke(as(shop, gateway, {"status", kTransfer}));
  CHECK(status.status == 0);
  CHECK(status.text("state") == "refused");
  CHECK(status.text("reason") == "link-absent");
  CHECK(invoke(as(shop, gateway, {"list"})).text("id") == kTransfer);
  CHECK(invoke(as(shop, gateway, {"watch", kTransfer})).status == 10);
  CHECK(invoke(as(shop, gateway, {"watch", "--timeout", "1s"})).status == 0);
  Script waiting;
  waiting.states = {State::awaiting_approval};
  FakeGateway unfinished(shop, std::move(waiting));
  CHECK(invoke(as(shop, unfinished, {"watch", "--timeout", "1s"})).status == 13);
  CHECK(invoke(as(shop, gateway, {"withdraw", kTransfer})).text("event") == "withdrawn");
  const Invoked people = invoke({"status", kTransfer, "--identity", shop.node("survey"),
                                 "--gateway", gateway.endpoint(), "--lang", "zh"});
  CHECK(people.out.find("没有这个方向的在线通道") != std::string::npos);

  Script late;
  late.withdraws = false;
  FakeGateway other(shop, std::move(late));
  const Invoked refused = invoke(as(shop, other, {"withdraw", kTransfer}));
  CHECK(refused.status == 10);
  CHECK(refused.text("reason") == "too-late");
}

TEST_CASE("fetch takes a package whole, checks its digest and never overwrites", "[cli][fetch]") {
  const Workshop shop;
  Script script;
  script.parcel = to_bytes("sealed bytes of some package");
  FakeGateway gateway(shop, script);
  const std::string out = shop.path("got.hangu");
  CHECK(invoke(as(shop, gateway, {"fetch"})).text("event") == "waiting");
  const Invoked done = invoke(as(shop, gateway, {"fetch", kTransfer, "--out", out}));
  INFO(done.err);
  CHECK(done.status == 0);
  CHECK(shop.text_at(out) == "sealed bytes of some package");
  CHECK_FALSE(std::filesystem::exists(out + ".part"));
  CHECK_FALSE(std::filesystem::exists(out + ".part.json"));
  CHECK(invoke(as(shop, gateway, {"fetch", kTransfer, "--out", out})).status == 2);
  CHECK(
      invoke(as(shop, gateway, {"fetch", std::string(32, 'f'), "--out", shop.path("x")})).status ==
      2);
  CHECK(invoke(as(shop, gateway, {"fetch", "--out", shop.path("all")})).status == 0);
  CHECK(std::filesystem::exists(shop.path("all/") + kTransfer + ".hangu"));

  script.sealed =
      crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of("sealed bytes of some pockage"));
  FakeGateway liar(shop, script);
  const Invoked wrong = invoke(as(shop, liar, {"fetch", kTransfer, "--out", shop.path("bad")}));
  CHECK(wrong.status == 5);
  CHECK(wrong.text("reason") == "digest-mismatch");
  CHECK_FALSE(std::filesystem::exists(shop.path("bad")));
  CHECK_FALSE(std::filesystem::exists(shop.path("bad.part")));
}

TEST_CASE("fetch into a folder takes a file there for the package only when it is it",
          "[cli][fetch]") {
  const Workshop shop;
  Script script;
  script.parcel = to_bytes("sealed bytes of some package");
  FakeGateway gateway(shop, script);
  const std::string folder = shop.path("all");
  const std::string file = folder + "/" + kTransfer + ".hangu";
  const auto fetch = [&] { return invoke(as(shop, gateway, {"fetch", "--out", folder})); };
  CHECK(fetch().text("event") == "fetched");
  const Invoked again = fetch();
  CHECK(again.status == 0);
  CHECK(again.text("event") == "there-already");
  CHECK(again.text("file") == file);
  for (const char* other : {"sealed bytes of some pockage", "shorter"}) {
    REQUIRE(os::write_file_durably(file, bytes_of(other)));
    const Invoked kept = fetch();
    CHECK(kept.status == 2);
    CHECK(kept.text("reason") == "file-exists");
    CHECK(shop.text_at(file) == other);
  }
}

TEST_CASE("fetch lists what this node has not acknowledged, and all with --all", "[cli][fetch]") {
  const Workshop shop;
  Script script;
  script.parcel = to_bytes("sealed bytes of some package");
  script.acknowledged = true;
  FakeGateway gateway(shop, script);
  CHECK(invoke(as(shop, gateway, {"fetch"})).out.empty());
  CHECK(invoke(as(shop, gateway, {"fetch", "--all"})).text("id") == kTransfer);
  const std::string folder = shop.path("none");
  CHECK(invoke(as(shop, gateway, {"fetch", "--out", folder})).status == 0);
  CHECK(std::filesystem::is_empty(folder));
  CHECK(invoke(as(shop, gateway, {"fetch", kTransfer, "--out", shop.path("one")})).status == 0);
}

TEST_CASE("a partial download that is longer than the package is begun anew", "[cli][fetch]") {
  const Workshop shop;
  Script script;
  script.parcel = to_bytes("sealed bytes of some package");
  FakeGateway gateway(shop, script);
  const std::string out = shop.path("got.hangu");
  const std::string sealed =
      crypto::digest_of(crypto::HashAlgorithm::sha256, script.parcel).to_text();
  shop.file("got.hangu.part", std::string(100, 'x'));
  shop.file("got.hangu.part.json", R"({"etag":"\"tag\"","sealed":")" + sealed + R"("})");
  const Invoked done = invoke(as(shop, gateway, {"fetch", kTransfer, "--out", out}));
  INFO(done.out << done.err);
  CHECK(done.status == 0);
  CHECK(shop.text_at(out) == "sealed bytes of some package");
}

TEST_CASE("fetch exits with 2 where there is no folder, and with 3 where it may not write",
          "[cli][fetch]") {
  const Workshop shop;
  Script script;
  script.parcel = to_bytes("sealed");
  FakeGateway gateway(shop, script);
  const auto fetch = [&](const std::string& out) {
    return invoke(as(shop, gateway, {"fetch", kTransfer, "--out", out}));
  };
  CHECK(fetch(shop.path("absent/x")).status == 2);
  CHECK(fetch(shop.path("absent/x")).text("reason") == "file-missing");
  CHECK(fetch("-").text("reason") == "usage-dash");
  CHECK(fetch("/sys/hangu-x").status == 3);  // not even root may make a file there
  CHECK(invoke(as(shop, gateway, {"fetch", "--out", shop.file("file", "")})).text("reason") ==
        "folder-not-usable");
}

TEST_CASE("a refusal says who refused", "[cli][status]") {
  const Workshop shop;
  const auto shown = [&](const char* reason) {
    Script script;
    script.states = {State::refused};
    script.reason = reason;
    FakeGateway gateway(shop, std::move(script));
    return invoke({"status", kTransfer, "--identity", shop.node("survey"), "--gateway",
                   gateway.endpoint(), "--lang", "en"})
        .out;
  };
  CHECK(shown("approval-refused").find("Refused by a reviewer.") != std::string::npos);
  CHECK(shown("link-absent").find("Refused by a rule.") != std::string::npos);
  CHECK(shown("csv-ragged-row").find("Refused.") != std::string::npos);
  // What is the gateway's trouble is not told as if it were the sender's.
  CHECK(shown("disk-full").find("The gateway's disk is full.") != std::string::npos);
}

TEST_CASE("a list without transfers says so", "[cli][status]") {
  const Workshop shop;
  Script script;
  script.lists = false;
  FakeGateway gateway(shop, std::move(script));
  const Invoked done = invoke(
      {"list", "--identity", shop.node("survey"), "--gateway", gateway.endpoint(), "--lang", "en"});
  CHECK(done.status == 0);
  CHECK(done.err == "there are no transfers\n");
}

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
