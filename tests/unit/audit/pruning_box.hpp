#pragma once
// What the tests of pruning share: a log with old entries, its writer and its pruner.

#include <functional>

#include <catch2/catch.hpp>

#include "audit/pruner.hpp"
#include "audit/writer.hpp"
#include "os/clock.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {

inline constexpr int kTurnsMax = 20'000;

/// A writer's clock, which may not know the time.
struct UnsureClock final : Clock {
  ManualClock clock{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  bool known = true;
  [[nodiscard]] Result<WallTime> now() const override {
    if (!known) return fail(ErrorCode::unavailable, "time-unknown");
    return clock.now();
  }
  void set(WallTime time) { clock.set(time); }
  void advance(std::chrono::milliseconds by) { clock.advance(by); }
};

struct PruningBox {
  TestFolder folder;
  UnsureClock clock;
  SeededEntropy entropy{42};
  std::uint64_t disk_reserve = 0;
  std::uint64_t keys_max = kPrunedKeysMax;
  unsigned log_key = 0;              ///< of key_from()
  std::optional<unsigned> former{};  ///< the same, from which it rolls over
  std::optional<OpenedWriter> opened;
  std::optional<Pruner> pruner;

  Result<OpenedWriter> try_open() {
    WriterPlan plan = writer_plan(folder.path(), clock, entropy);
    plan.limits.disk_reserve_bytes = disk_reserve;
    plan.key = key_from(log_key);
    if (former) plan.former = LogSecrets{.key = key_from(*former), .gm_key = {}};
    return Writer::open(std::move(plan));
  }
  void open() {
    auto made = try_open();
    INFO((made ? std::string() : made.error().message()));
    REQUIRE(made);
    opened.emplace(*std::move(made));
    pruner.emplace(folder_at(folder / "log"), kRetentionMonths, keys_max);
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
  void fill(int entries, const std::string& keys = "key:") {
    open();
    for (int i = 0; i < entries; ++i) (void)append(keys + std::to_string(i));
    REQUIRE(writer().close_epoch());
    publish();
    using namespace std::chrono;
    clock.advance(days(3 * 366 + 1));
    REQUIRE(writer().note_event("heartbeat", heartbeat()));
  }
  GivenOrder order(std::uint64_t before) {
    return {{{.origin = kOrigin,
              .act = PruneOrder{.before = before, .archive = std::string(64, 'a')},
              .reason = "over",
              .expires = clock.now().value() + std::chrono::hours(1)},
             {"wang", "li"}},
            "envelope"};
  }
  std::string take(std::uint64_t before, const Witnessed& witnessed = {}) {
    const Done done = pruner->take(order(before), writer(), clock.now().value(), witnessed);
    return done ? "ok" : std::string(done.error().reason());
  }
  /// Steps until `enough`, or nothing is left to do, or an error, whose reason it gives.
  std::string run_until(const std::function<bool()>& enough) {
    for (int i = 0; i < kTurnsMax && pruner->busy() && !enough(); ++i) {
      const Done done = pruner->step(writer());
      if (!done) return std::string(done.error().reason());
      if (!pruner->busy() || pruner->ready(writer())) continue;
      if (!enough()) publish();
      os::pause_for(std::chrono::milliseconds(1));  // for what is sorted and written beside
    }
    return "ok";
  }
  /// Until the log tells of it, and nothing is deleted yet.
  void run_until_told() {
    REQUIRE(run_until([this] { return writer().log().pruned_before() > 0; }) == "ok");
    REQUIRE(writer().log().pruned_before() > 0);
  }
  void run() {
    REQUIRE(run_until([] { return false; }) == "ok");
    REQUIRE_FALSE(pruner->busy());
  }
  /// Puts `after` in the place of `before`, of the same length, in a file of the log.
  void edit(const std::string& name, const std::string& before, const std::string& after) const {
    REQUIRE(before.size() == after.size());
    std::string text(text_of(read_bytes(folder / ("log/" + name))));
    const auto at = text.rfind(before);
    REQUIRE(at != std::string::npos);
    write_bytes(folder / ("log/" + name), bytes_of(text.replace(at, before.size(), after)));
  }
  [[nodiscard]] bool has(const std::string& path) const {
    return std::filesystem::exists(folder / ("log/" + path));
  }
};

}  // namespace hangu::audit::test
