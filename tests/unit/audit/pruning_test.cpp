// Pruning: old entries go, what they proved stays.

#include "audit/pruning.hpp"

#include "tests/unit/audit/pruning_box.hpp"

namespace hangu::audit::test {
TEST_CASE("pruned entries are gone, and all the rest is as it was", "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  const auto head = box.writer().log().head();
  const std::string kept(text_of(box.writer().log().entry(512).value()));
  REQUIRE(box.take(512) == "ok");
  box.run();
  CHECK_FALSE(box.has("tile/entries/000"));
  CHECK_FALSE(box.has("tile/entries/001"));
  CHECK(box.has("tile/entries/002.p"));
  CHECK(box.has("tile/0/000"));
  for (int start = 0; start < 2; ++start) {
    const Log& log = box.writer().log();
    CHECK(log.entry(511).error().reason() == "entry-pruned");
    CHECK(text_of(log.entry(512).value()) == kept);
    CHECK(log.prove(512, head.size));
    CHECK(log.prove_consistency(300, head.size));
    // A key that a deleted entry holds is taken for ever, one of a kept entry as before.
    CHECK(box.append("key:3").outcome == AppendOutcome::refused);
    CHECK(box.append("key:3").reason == "key-pruned");
    CHECK(box.append("key:650").outcome == AppendOutcome::taken);
    const auto holder = [&](const std::string& key) {
      return box.writer().holder({.id = {}, .key = key}).value().indices;
    };
    const std::uint64_t kept_at = holder("key:650").at(0);
    CHECK(holder("key:3") == std::vector{kept_at - 647});
    CHECK(holder("key:700").empty());
    CHECK(box.writer()
              .find({.id = {}, .transfer = *TransferId::create(kTransfer), .before = kept_at})
              .value()
              .indices.size() == kept_at - 512);
    CHECK(box.append("new:" + std::to_string(start)).outcome == AppendOutcome::appended);
    box.publish();
    box.close();
    box.open();  // opens, and checks every root on the way
  }
}

TEST_CASE("a log is pruned again further on", "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  REQUIRE(box.take(256) == "ok");
  box.run();
  REQUIRE(box.take(512) == "ok");
  box.run();
  CHECK(box.writer().log().pruned_before() == 512);
  CHECK(box.append("key:3").reason == "key-pruned");
  CHECK(box.append("key:400").reason == "key-pruned");
  box.publish();
  box.close();
  box.open();
  CHECK(box.append("key:3").reason == "key-pruned");
  CHECK(box.take(256) == "prune-needless");
  CHECK_FALSE(box.pruner->busy());
}

TEST_CASE("entries inside the retention, unpublished or of the present epoch stay",
          "[audit][prune]") {
  PruningBox box;
  box.open();
  for (int i = 0; i < 700; ++i) (void)box.append("key:" + std::to_string(i));
  CHECK(box.take(512) == "prune-too-far");
  box.publish();
  CHECK(box.take(512) == "prune-too-far");
  REQUIRE(box.writer().close_epoch());
  CHECK(box.take(512) == "prune-too-young");
  // The day on which 36 months are over, and the moment before.
  box.clock.set(*WallTime::parse("2029-03-01T07:59:59.999Z"));
  CHECK(box.take(512) == "prune-too-young");
  box.clock.set(*WallTime::parse("2029-03-01T08:00:00.000Z"));
  CHECK(box.take(512) == "ok");
  CHECK(box.take(256) == "prune-busy");
}

TEST_CASE("a pruning that was prepared and never told has not been", "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  PruneReading reading(box.order(512), std::nullopt);
  while (!reading.step(box.writer().log()).value()) {
  }
  const auto folder = folder_at(box.folder / "log");
  REQUIRE(reading.keep(*folder));
  box.close();
  box.open();
  CHECK(box.writer().log().pruned_before() == 0);
  CHECK(box.append("key:3").outcome == AppendOutcome::taken);
  box.publish();
  REQUIRE(box.take(512) == "ok");  // and may be ordered again
  box.run();
  CHECK(box.append("key:3").reason == "key-pruned");
}

TEST_CASE("a pruning that was told is finished after a crash", "[audit][prune]") {
  for (const bool begun : {false, true}) {
    CAPTURE(begun);
    PruningBox box;
    box.fill(700);
    REQUIRE(box.take(512) == "ok");
    box.run_until_told();
    box.publish();
    if (begun) std::filesystem::remove(box.folder / "log/tile/entries/001");
    box.close();
    box.open();
    CHECK(box.writer().log().pruned_before() == 512);
    for (int i = 0; i < 10; ++i) {
      REQUIRE(box.pruner->step(box.writer()));
      box.publish();
    }
    CHECK_FALSE(box.has("tile/entries/000"));
    CHECK_FALSE(box.has("tile/entries/001"));
    CHECK(box.append("key:3").reason == "key-pruned");
  }
}

TEST_CASE("bundles that went without a word are damage", "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  box.publish();
  box.close();
  std::filesystem::remove(box.folder / "log/tile/entries/000");
  CHECK_FALSE(box.try_open());
  // Nor does it help to lay the files of a pruning beside them.
  PruningBox other;
  other.fill(700);
  REQUIRE(other.take(256) == "ok");
  other.run();
  other.close();
  std::filesystem::copy(other.folder / "log/pruned", box.folder / "log/pruned");
  const auto opened = box.try_open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error().reason() == "audit-pruned-invalid");
}

TEST_CASE("what is kept of deleted entries is checked against the log", "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  REQUIRE(box.take(512) == "ok");
  box.run();
  box.publish();
  box.close();
  for (const char* name : {"512.json", "512.keys"}) {
    CAPTURE(name);
    const auto path = box.folder / (std::string("log/pruned/") + name);
    const Bytes good = read_bytes(path);
    for (const std::size_t at : {std::size_t{3}, good.size() / 2, good.size() - 2}) {
      Bytes bad = good;
      bad[at] ^= std::byte{1};
      write_bytes(path, bad);
      CHECK_FALSE(box.try_open());
    }
    write_bytes(path, ByteView(good).first(good.size() - 1));
    CHECK_FALSE(box.try_open());
    std::filesystem::remove(path);
    CHECK_FALSE(box.try_open());
    write_bytes(path, good);
  }
  CHECK(box.try_open());
}

}  // namespace hangu::audit::test
