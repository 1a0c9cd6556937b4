// hangu fetch against a gateway.

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
using test::Script;
using test::Workshop;

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
