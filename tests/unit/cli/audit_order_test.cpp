// Orders as auditors write, sign and give them.

#include <filesystem>

#include <catch2/catch.hpp>

#include "audit/order_desk.hpp"
#include "tests/support/log_maker.hpp"
#include "tests/unit/audit/support.hpp"
#include "tests/unit/cli/invoke.hpp"
#include "tests/unit/cli/temporary_folder.hpp"

using namespace hangu;
using audit::test::read_bytes;
using audit::test::write_bytes;
using test::invoke;
using test::Invoked;
using test::TemporaryFolder;

namespace {

/// A log of some bundles, and its archive.
struct Desk {
  TemporaryFolder folder;
  std::string log = folder.path() + "/log";
  std::string archive = folder.path() + "/archive";
  int orders = 0;

  Desk() {
    audit::test::make_log(folder.path(), 1, 600);
    REQUIRE(invoke({"audit", "archive", log, "--out", archive}).status == 0);
  }
  Invoked prune() {
    return invoke({"audit", "order", "prune", log, "--before", "512", "--archive", archive,
                   "--reason", "over", "--out",
                   folder.path() + "/" + std::to_string(++orders) + ".order"});
  }
};

}  // namespace

TEST_CASE("an order names an archive only when each of its files is as its manifest says",
          "[cli][audit]") {
  Desk desk;
  const Invoked good = desk.prune();
  INFO(good.err);
  CHECK(good.status == 0);
  for (const char* name : {"tile/entries/000", "tile/entries/001", "tile/0/000", "checkpoint"}) {
    CAPTURE(name);
    const std::string path = desk.archive + "/" + name;
    const Bytes bytes = read_bytes(path);
    Bytes bad = bytes;
    bad.back() ^= std::byte{1};
    write_bytes(path, bad);
    CHECK(desk.prune().err.find("archive-damaged") != std::string::npos);
    write_bytes(path, ByteView(bytes).first(bytes.size() - 1));
    CHECK(desk.prune().err.find("archive-damaged") != std::string::npos);
    std::filesystem::remove(path);
    const Invoked missing = desk.prune();
    CHECK(missing.status != 0);
    CHECK(missing.err.find("archive-damaged") != std::string::npos);
    write_bytes(path, bytes);
  }
  CHECK(desk.prune().status == 0);
}

TEST_CASE("an archive takes no file that is only being written", "[cli][audit]") {
  const TemporaryFolder folder;
  const std::string log = folder.path() + "/log";
  audit::test::make_log(folder.path(), 1, 600);
  for (const char* name : {"checkpoints/.new", "checkpoints/57.new"}) {
    std::filesystem::create_directories(log + "/checkpoints");
    write_bytes(log + "/" + name, to_bytes(bytes_of("half")));
  }
  const std::string archive = folder.path() + "/archive";
  REQUIRE(invoke({"audit", "archive", log, "--out", archive}).status == 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(archive))
    CHECK_FALSE(entry.path().string().ends_with(".new"));
  CHECK(text_of(read_bytes(archive + "/manifest.json")).find(".new") == std::string_view::npos);
}

TEST_CASE("an order does not name an archive that lacks a bundle, or leads out of itself",
          "[cli][audit]") {
  Desk desk;
  const std::string path = desk.archive + "/manifest.json";
  const std::string manifest(text_of(read_bytes(path)));
  const auto with = [&](const std::string& before, const std::string& after) {
    std::string text = manifest;
    const auto at = text.find(before);
    REQUIRE(at != std::string::npos);
    write_bytes(path, bytes_of(text.replace(at, before.size(), after)));
    return desk.prune().err;
  };
  CHECK(with("\"tile/entries/001\"", "\"tile/entries/000\"").find("archive-other") !=
        std::string::npos);
  CHECK(with("\"checkpoint\"", "\"../log/checkpoint\"").find("archive-damaged") !=
        std::string::npos);
  CHECK(with("\"checkpoint\"", "\"/etc/hostname\"").find("archive-damaged") != std::string::npos);
  write_bytes(path, bytes_of(manifest));
  CHECK(desk.prune().status == 0);
}
