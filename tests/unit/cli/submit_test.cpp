// hangu submit against a gateway.

#include <filesystem>

#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "tests/unit/cli/fake_gateway.hpp"

using namespace hangu;
using flow::State;
using test::as;
using test::FakeGateway;
using test::invoke;
using test::Invoked;
using test::kTransfer;
using test::packed;
using test::Script;
using test::Workshop;

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
