#include "stages/emit/outbox.hpp"

#include <sys/stat.h>

#include <fstream>
#include <thread>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "tests/unit/os/scratch.hpp"
#include "zone/deliver/shelf.hpp"

namespace {

using namespace hangu;
using os::test::ScratchFolder;
using stages::Consignment;
using stages::Outbox;

const TransferId kTransfer = TransferId::create("00112233445566778899aabbccddeeff").value();
const NodeId kPortal = NodeId::create("portal").value();

Consignment consignment_of(std::string_view bytes) {
  return {kTransfer,
          crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(bytes)),
          ZoneId::create("egov").value(),
          {kPortal}};
}

/// Seals (for these tests: writes) and keeps.
Consignment keep(const Outbox& outbox, std::string_view bytes) {
  const auto file = outbox.begin().value();
  REQUIRE(os::write_all(file.view(), bytes_of(bytes)));
  Consignment consignment = consignment_of(bytes);
  REQUIRE(outbox.keep(consignment, file.view()));
  return consignment;
}

std::string read(const std::string& path) {
  const auto bytes = os::read_file(path, 4096);
  return bytes ? std::string(text_of(*bytes)) : std::string(bytes.error().reason());
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& item : std::filesystem::directory_iterator(folder))
    names.push_back(item.path().filename().string());
  std::ranges::sort(names);
  return names;
}

unsigned mode_of(const std::string& path) {
  struct stat status{};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

struct World {
  ScratchFolder folder;
  Outbox outbox = Outbox::open(folder.path()).value();
  std::string released = folder / (kTransfer.text() + ".hangu");
  std::string told = folder / (kTransfer.text() + ".json");
  std::string kept = folder / "kept";
  /// The program ends and starts anew.
  void restart() { outbox = Outbox::open(folder.path()).value(); }
  [[nodiscard]] std::string attempt(const Consignment& consignment, const char* ending) const {
    return kept + "/" + kTransfer.text() + "." +
           to_hex(ByteView(consignment.sealed.root).first(8)) + ending;
  }
};

}  // namespace

TEST_CASE("what is sealed and not kept has no name", "[outbox]") {
  World w;
  {
    const auto file = w.outbox.begin().value();
    REQUIRE(os::write_all(file.view(), bytes_of("half a package")));
    CHECK(names_in(w.kept).empty());
  }
  CHECK(names_in(w.folder.path()) == std::vector<std::string>{"kept"});
}

TEST_CASE("what is kept is whole and is not for deliver's eyes", "[outbox]") {
  World w;
  const Consignment c = keep(w.outbox, "sealed package");
  CHECK(names_in(w.kept).size() == 2);
  CHECK(mode_of(w.kept) == 0700);
  CHECK(mode_of(w.attempt(c, ".json")) == 0600);
  CHECK(mode_of(w.attempt(c, ".sealed")) == 0400);
  const zone::Shelf shelf(w.folder.path());
  CHECK(shelf.list(kPortal, {}, 10).value().empty());
  CHECK_FALSE(shelf.find(kTransfer, kPortal).value());
  const auto found = w.outbox.kept(kTransfer, c.sealed).value();
  REQUIRE(found);
  CHECK(found->recipients == c.recipients);
  CHECK_FALSE(w.outbox.kept(kTransfer, consignment_of("another").sealed).value());
}

TEST_CASE("what is released is there for its recipients, once", "[outbox]") {
  World w;
  const Consignment c = keep(w.outbox, "sealed package");
  REQUIRE(w.outbox.release(c));
  CHECK(read(w.released) == "sealed package");
  CHECK(mode_of(w.released) == 0440);
  CHECK(mode_of(w.told) == 0440);
  CHECK(names_in(w.kept).empty());
  const zone::Shelf shelf(w.folder.path());
  const auto parcel = shelf.find(kTransfer, kPortal).value();
  REQUIRE(parcel);
  CHECK(parcel->sealed == c.sealed);
  CHECK(shelf.list(kPortal, {}, 10).value().size() == 1);
  CHECK_FALSE(shelf.find(kTransfer, NodeId::create("thief").value()).value());
  // Again, also by a program started anew.
  w.restart();
  REQUIRE(w.outbox.kept(kTransfer, c.sealed).value());
  CHECK(w.outbox.release(c));
  CHECK(read(w.released) == "sealed package");
}

TEST_CASE("a released package is never overwritten", "[outbox]") {
  World w;
  const Consignment first = keep(w.outbox, "the first");
  const Consignment second = keep(w.outbox, "the second");
  REQUIRE(w.outbox.release(first));
  CHECK(names_in(w.kept).empty());  // the other attempt went
  CHECK(w.outbox.release(second).error().reason() == "sealed-mismatch");
  const Consignment third = keep(w.outbox, "the third");
  CHECK(w.outbox.release(third).error().reason() == "sealed-mismatch");
  CHECK(read(w.released) == "the first");
  CHECK(zone::Shelf(w.folder.path()).find(kTransfer, kPortal).value()->sealed == first.sealed);
}

TEST_CASE("a file that stands in the way is not overwritten", "[outbox]") {
  World w;
  const Consignment c = keep(w.outbox, "sealed package");
  const Consignment other = consignment_of("another");
  std::ofstream(w.told) << other.to_json().to_text();
  CHECK(w.outbox.release(c).error().reason() == "sealed-mismatch");
  CHECK(read(w.released) == "file-missing");
  CHECK(read(w.told) == other.to_json().to_text());
}

TEST_CASE("kept bytes that changed are not released", "[outbox]") {
  World w;
  const Consignment c = keep(w.outbox, "sealed package");
  const std::string path = w.attempt(c, ".sealed");
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  std::ofstream(path) << "sealed packagE";
  CHECK(w.outbox.release(c).error().reason() == "sealed-mismatch");
  CHECK(read(w.released) == "file-missing");
  std::filesystem::remove(path);
  CHECK(w.outbox.release(c).error().reason() == "sealed-lost");
  CHECK(read(w.released) == "file-missing");
}

TEST_CASE("a consignment that was changed names another package or none", "[outbox]") {
  World w;
  const Consignment c = keep(w.outbox, "sealed package");
  const std::string path = w.attempt(c, ".json");
  std::ofstream(path) << consignment_of("another").to_json().to_text();
  CHECK_FALSE(w.outbox.kept(kTransfer, c.sealed).value());
  std::ofstream(path) << "{";
  CHECK_FALSE(w.outbox.kept(kTransfer, c.sealed));
}

TEST_CASE("a discarded attempt leaves nothing, and another one stays", "[outbox]") {
  World w;
  const Consignment first = keep(w.outbox, "the first");
  const Consignment second = keep(w.outbox, "the second");
  REQUIRE(w.outbox.discard(kTransfer, first.sealed));
  REQUIRE(w.outbox.discard(kTransfer, first.sealed));
  CHECK_FALSE(w.outbox.kept(kTransfer, first.sealed).value());
  REQUIRE(w.outbox.release(second));
  CHECK(read(w.released) == "the second");
  // What is released is not to be discarded.
  REQUIRE(w.outbox.discard(kTransfer, second.sealed));
  CHECK(read(w.released) == "the second");
  CHECK(w.outbox.kept(kTransfer, second.sealed).value());
}

TEST_CASE("other transfers' attempts are left alone by a release", "[outbox]") {
  World w;
  const Consignment c = keep(w.outbox, "sealed package");
  Consignment other = consignment_of("another transfer's");
  other.transfer = TransferId::create(std::string(32, 'f')).value();
  const auto file = w.outbox.begin().value();
  REQUIRE(os::write_all(file.view(), bytes_of("another transfer's")));
  REQUIRE(w.outbox.keep(other, file.view()));
  REQUIRE(w.outbox.release(c));
  CHECK(w.outbox.kept(other.transfer, other.sealed).value());
  CHECK(w.outbox.release(other));
}

TEST_CASE("a crash between any two steps of a release is made good by the next", "[outbox]") {
  // The states on the disk after each step, made by hand from a finished release.
  const auto state_after = [](int steps) {
    auto w = std::make_unique<World>();
    const Consignment c = keep(w->outbox, "sealed package");
    if (steps >= 1) REQUIRE(::link(w->attempt(c, ".json").c_str(), w->told.c_str()) == 0);
    if (steps >= 2) REQUIRE(::link(w->attempt(c, ".sealed").c_str(), w->released.c_str()) == 0);
    if (steps >= 3) std::filesystem::remove(w->attempt(c, ".json"));
    if (steps >= 4) std::filesystem::remove(w->attempt(c, ".sealed"));
    return w;
  };
  for (int steps = 0; steps <= 4; ++steps) {
    INFO(steps << " steps done");
    const auto w = state_after(steps);
    w->restart();
    const zone::Shelf shelf(w->folder.path());
    CHECK(shelf.find(kTransfer, kPortal).value().has_value() == (steps >= 2));
    const auto c = w->outbox.kept(kTransfer, consignment_of("sealed package").sealed).value();
    REQUIRE(c);
    REQUIRE(w->outbox.release(*c));
    CHECK(read(w->released) == "sealed package");
    CHECK(names_in(w->kept).empty());
    CHECK(names_in(w->folder.path()).size() == 3);
  }
}

TEST_CASE("a crash between the steps of keeping releases nothing", "[outbox]") {
  World w;
  const Consignment c = keep(w.outbox, "sealed package");
  std::filesystem::remove(w.attempt(c, ".sealed"));  // only the consignment was written
  w.restart();
  CHECK(w.outbox.release(c).error().reason() == "sealed-lost");
  const Consignment again = keep(w.outbox, "sealed anew");
  REQUIRE(w.outbox.release(again));
  CHECK(names_in(w.kept).empty());
  CHECK(read(w.released) == "sealed anew");
}

TEST_CASE("several that release the same package at once all succeed", "[outbox]") {
  for (int attempt = 0; attempt < 30; ++attempt) {
    World w;
    const Consignment c = keep(w.outbox, "sealed package");
    (void)keep(w.outbox, "a loser");
    std::array<Done, 4> done;
    std::vector<std::thread> threads;
    for (Done& one : done) threads.emplace_back([&] { one = w.outbox.release(c); });
    for (std::thread& thread : threads) thread.join();
    for (const Done& one : done) {
      INFO((one ? "" : one.error().message()));
      CHECK(one);
    }
    CHECK(read(w.released) == "sealed package");
    CHECK(names_in(w.kept).empty());
  }
}
