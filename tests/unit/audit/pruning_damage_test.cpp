// Pruning, and a disk that somebody else has a hand in; its bounds; and what a crash leaves.

#include "audit/pruned_files.hpp"
#include "audit/schema.hpp"
#include "tests/unit/audit/pruning_box.hpp"

namespace hangu::audit::test {
namespace {

/// Whether every event of the log's kept entries is as its schema says.
bool all_follow_schema(const Log& log) {
  bool all = true;
  REQUIRE(log.visit(log.pruned_before(), log.head().size, [&](std::uint64_t, ByteView entry) {
    const auto json = wire::Json::parse(text_of(entry), 65536);
    const bool follows =
        json && follows_schema(*json->find("type")->as_string(), *json->find("event"));
    if (!follows) UNSCOPED_INFO(text_of(entry));
    all = all && follows;
    return Done();
  }));
  return all;
}

}  // namespace

TEST_CASE("what the disk says of old entries is proved before it is kept", "[audit][prune]") {
  for (const bool with_tile : {false, true}) {
    CAPTURE(with_tile);
    PruningBox box;
    box.fill(700);
    box.edit("tile/entries/000", "\"key:7\"", "\"key:X\"");
    if (with_tile) {  // the hash above it too
      const Bytes bundle = read_bytes(box.folder / "log/tile/entries/000");
      const auto entries = parse_bundle(bundle, kTileWidth);
      REQUIRE(entries);
      Bytes tile;
      for (const ByteView entry : *entries) append(tile, leaf_hash(entry));
      write_bytes(box.folder / "log/tile/0/000", tile);
    }
    box.pruner.reset();
    box.pruner.emplace(folder_at(box.folder / "log"), kRetentionMonths);
    REQUIRE(box.take(512) == "ok");
    CHECK(box.run_until([] { return false; }) == "audit-tiles-corrupt");
    CHECK_FALSE(box.has("pruned/512.json"));
    CHECK(box.has("tile/entries/001"));
    CHECK(box.writer().log().pruned_before() == 0);
    CHECK(box.append("new:1").outcome == AppendOutcome::appended);  // the log goes on
  }
}

TEST_CASE("an entry that was made to look old is not believed", "[audit][prune]") {
  PruningBox box;
  box.open();
  for (int i = 0; i < 700; ++i) (void)box.append("key:" + std::to_string(i));
  REQUIRE(box.writer().close_epoch());
  box.publish();
  CHECK(box.take(512) == "prune-too-young");
  box.close();
  box.open();  // nothing of the bundles is in memory
  box.edit("tile/entries/001", "2026-03-01T08:00:00.000Z", "2016-03-01T08:00:00.000Z");
  CHECK(box.take(512) == "audit-tiles-corrupt");
}

TEST_CASE("nothing is kept that could not be read again", "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  GivenOrder order = box.order(512);
  order.signed_order.signers.assign(kOrderSignersMax + 1, "somebody");
  REQUIRE(box.pruner->take(order, box.writer(), box.clock.now().value()));
  CHECK(box.run_until([] { return false; }) == "field-range");
  CHECK_FALSE(box.has("pruned/512.json"));
  order = box.order(512);
  order.envelope = std::string(3 * kOrderBytesMax, 'e');
  box.pruner.emplace(folder_at(box.folder / "log"), kRetentionMonths);
  REQUIRE(box.pruner->take(order, box.writer(), box.clock.now().value()));
  CHECK(box.run_until([] { return false; }) != "ok");
  CHECK(box.append("new:1").outcome == AppendOutcome::appended);
  box.publish();
  box.close();
  box.open();
  CHECK(box.writer().log().pruned_before() == 0);
  REQUIRE(box.take(512) == "ok");
  box.run();
}

TEST_CASE("keys of deleted entries are kept up to a bound", "[audit][prune]") {
  PruningBox box;
  box.keys_max = 510;  // genesis and boot have none
  box.fill(700);
  REQUIRE(box.take(512) == "ok");
  box.run();
  CHECK(box.append("key:3").reason == "key-pruned");
  PruningBox over;
  over.keys_max = 509;
  over.fill(700);
  REQUIRE(over.take(512) == "ok");
  CHECK(over.run_until([] { return false; }) == "prune-too-many-keys");
  CHECK_FALSE(over.has("pruned"));
  // Those of a pruning before count too.
  PruningBox twice;
  twice.keys_max = 509;
  twice.fill(700);
  REQUIRE(twice.take(256) == "ok");
  twice.run();
  REQUIRE(twice.take(512) == "ok");
  CHECK(twice.run_until([] { return false; }) == "prune-too-many-keys");
}

TEST_CASE("without room for what is kept nothing is pruned", "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  box.close();
  box.disk_reserve = std::uint64_t{1} << 60;
  box.open();
  REQUIRE(box.take(512) == "ok");
  CHECK(box.run_until([] { return false; }) == "prune-no-room");
  CHECK_FALSE(box.has("pruned"));
  CHECK(box.has("tile/entries/000"));
}

TEST_CASE("what an earlier pruning kept goes once the later one is done, and not before",
          "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  REQUIRE(box.take(256) == "ok");
  box.run();
  CHECK(box.has("pruned/256.json"));
  REQUIRE(box.take(512) == "ok");
  REQUIRE(box.run_until([&] { return box.writer().log().pruned_before() == 512; }) == "ok");
  CHECK(box.has("pruned/256.json"));
  CHECK(box.has("pruned/256.keys"));
  box.publish();
  box.close();
  box.open();  // told, not begun: taken up from the older one
  CHECK(box.writer().log().pruned_before() == 512);
  for (int i = 0; i < 10; ++i) {
    REQUIRE(box.pruner->step(box.writer()));
    box.publish();
  }
  CHECK(files_below(box.folder / "log/pruned") == std::vector<std::string>{"512.json", "512.keys"});
  CHECK(box.append("key:3").reason == "key-pruned");
  CHECK(box.append("key:400").reason == "key-pruned");
}

TEST_CASE("entries that no quorum of witnesses saw are not pruned where one is demanded",
          "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  CHECK(box.take(512, {.demanded = true, .size = 0, .time = {}}) == "prune-unwitnessed");
  CHECK(box.take(512, {.demanded = true, .size = 511, .time = {}}) == "prune-unwitnessed");
  CHECK(box.take(512, {.demanded = true, .size = 512, .time = {}}) == "ok");
  PruningBox other;
  other.fill(700);
  CHECK(other.take(512, {.demanded = false, .size = 0, .time = {}}) == "ok");
}

TEST_CASE("a pruning that was told is not begun with another record than the log's",
          "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  REQUIRE(box.take(512) == "ok");
  box.run_until_told();
  box.publish();
  box.close();
  const Bytes good = read_bytes(box.folder / "log/pruned/512.json");
  // Valid in itself, with another archive.
  box.edit("pruned/512.json", std::string(64, 'a'), std::string(64, 'b'));
  const auto changed = box.try_open();
  REQUIRE_FALSE(changed);
  CHECK(changed.error().reason() == "audit-pruned-invalid");
  CHECK(changed.error().message().find("512.json") != std::string::npos);
  std::filesystem::remove(box.folder / "log/pruned/512.json");
  const auto missing = box.try_open();
  REQUIRE_FALSE(missing);
  CHECK(missing.error().reason() == "audit-pruned-invalid");
  CHECK(box.has("tile/entries/000"));
  CHECK(box.has("tile/entries/001"));
  write_bytes(box.folder / "log/pruned/512.json", good);
  CHECK(box.try_open());
}

TEST_CASE("a pruning up to the first entry of an epoch survives a crash", "[audit][prune]") {
  PruningBox box;
  box.open();
  while (box.writer().log().head().size < 255)
    (void)box.append("key:" + std::to_string(box.writer().log().head().size));
  REQUIRE(box.writer().close_epoch());
  REQUIRE(box.writer().epoch_first() == 256);
  box.publish();
  box.clock.advance(std::chrono::days(3 * 366 + 1));
  REQUIRE(box.take(256) == "ok");
  box.run_until_told();
  box.publish();
  box.close();
  box.open();
  CHECK(box.writer().log().pruned_before() == 256);
  CHECK(box.append("new:1").outcome == AppendOutcome::appended);
}

TEST_CASE("what the log tells of itself while the time is unknown can be read again",
          "[audit][prune]") {
  PruningBox box;
  box.clock.known = false;
  box.open();  // genesis and boot
  REQUIRE(box.writer().close_epoch());
  box.clock.known = true;
  box.publish();
  box.close();
  box.fill(700);
  REQUIRE(box.take(512) == "ok");
  box.clock.known = false;
  box.run_until_told();
  box.publish();
  CHECK(all_follow_schema(box.writer().log()));
  for (int start = 0; start < 2; ++start) {
    box.close();
    box.open();
    CHECK(box.writer().log().pruned_before() == 512);
    CHECK(all_follow_schema(box.writer().log()));
    while (box.pruner->ready(box.writer()) || box.pruner->busy()) {
      REQUIRE(box.pruner->step(box.writer()));
      box.publish();
    }
  }
  CHECK_FALSE(box.has("tile/entries/000"));
}

TEST_CASE("an order is open, under way, or in the log", "[audit][prune]") {
  PruningBox box;
  box.fill(700);
  const auto standing = [&] { return box.pruner->standing_of("envelope", box.writer()); };
  CHECK(standing() == OrderStanding::open);
  REQUIRE(box.take(512) == "ok");
  CHECK(standing() == OrderStanding::under_way);
  CHECK(box.pruner->standing_of("another", box.writer()) == OrderStanding::open);
  box.run_until_told();
  CHECK(standing() == OrderStanding::recorded);
  box.run();
  CHECK(standing() == OrderStanding::recorded);
  box.close();
  box.open();
  CHECK(standing() == OrderStanding::recorded);
}

}  // namespace hangu::audit::test
