// hangu status, list, watch and withdraw against a gateway.

#include <filesystem>

#include <catch2/catch.hpp>

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
