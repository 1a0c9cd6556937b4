// Pruning: old entries go, what they proved stays.

#include "audit/pruning.hpp"

#include <catch2/catch.hpp>

#include "audit/pruner.hpp"
#include "audit/writer.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

const std::string kTransfer = "00112233445566778899aabbccddeeff";

struct Box {
  TestFolder folder;
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  SeededEntropy entropy{42};
  std::optional<OpenedWriter> opened;
  std::optional<Pruner> pruner;

  Result<OpenedWriter> try_open() {
    return Writer::open({.folder = folder_at(folder / "log"),
                         .epoch_keys = folder_at(folder / "epoch-keys"),
                         .origin = kOrigin,
                         .key = key_from(0),
                         .gm_key = {},
                         .clock = clock,
                         .entropy = entropy,
                         .self = {.program = "audit", .uid = 7, .pid = 8},
                         .limits = {.disk_reserve_bytes = 0}});
  }
  void open() {
    auto made = try_open();
    INFO((made ? std::string() : made.error().message()));
    REQUIRE(made);
    opened.emplace(*std::move(made));
    pruner.emplace(folder_at(folder / "log"), kRetentionMonths);
  }
  void close() {
    pruner.reset();
    opened.reset();
  }
  Writer& writer() { return opened->writer; }

  AppendReply append(const std::string& key) {
    Submission s;
    s.request.id = new_request_id(entropy);
    s.request.type = "transfer.expired";
    s.request.transfer = *TransferId::create(kTransfer);
    s.request.kind = BodyKind::event;
    s.request.keys = {key};
    s.request.body = "{}";
    s.caller = {.program = "custodian", .uid = 1001, .pid = 4321};
    return writer().append({&s, 1}).value().front();
  }
  void publish() {
    const auto head = opened->publisher.publish(writer().log().head().size);
    REQUIRE(head);
    writer().published(head->size);
  }
  /// A log of `entries` entries and its own, whose epoch has ended long ago.
  void fill(int entries) {
    open();
    for (int i = 0; i < entries; ++i) (void)append("key:" + std::to_string(i));
    REQUIRE(writer().close_epoch());
    publish();
    using namespace std::chrono;
    clock.advance(days(3 * 366 + 1));
    REQUIRE(writer().note_event("heartbeat", {}));
  }
  GivenOrder order(std::uint64_t before) {
    return {{{.origin = kOrigin,
              .act = PruneOrder{.before = before, .archive = std::string(64, 'a')},
              .reason = "over",
              .expires = clock.now().value() + std::chrono::hours(1)},
             {"wang", "li"}},
            "envelope"};
  }
  std::string take(std::uint64_t before) {
    const Done done = pruner->take(order(before), writer(), clock.now().value());
    return done ? "ok" : std::string(done.error().reason());
  }
  /// Steps until nothing is left to do, publishing between them.
  void run() {
    for (int i = 0; i < 1000 && pruner->busy(); ++i) {
      REQUIRE(pruner->step(writer()));
      if (pruner->busy() && !pruner->ready(writer())) publish();
    }
    REQUIRE_FALSE(pruner->busy());
  }
  [[nodiscard]] bool has(const std::string& path) const {
    return std::filesystem::exists(folder / ("log/" + path));
  }
};

}  // namespace

TEST_CASE("pruned entries are gone, and all the rest is as it was", "[audit][prune]") {
  Box box;
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
  Box box;
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
  CHECK(box.take(256) == "ok");  // done long ago
  CHECK_FALSE(box.pruner->busy());
}

TEST_CASE("entries inside the retention, unpublished or of the present epoch stay",
          "[audit][prune]") {
  Box box;
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
  Box box;
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
    Box box;
    box.fill(700);
    REQUIRE(box.take(512) == "ok");
    while (!box.has("pruned/512.json")) REQUIRE(box.pruner->step(box.writer()));
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
  Box box;
  box.fill(700);
  box.publish();
  box.close();
  std::filesystem::remove(box.folder / "log/tile/entries/000");
  CHECK_FALSE(box.try_open());
  // Nor does it help to lay the files of a pruning beside them.
  Box other;
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
  Box box;
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
