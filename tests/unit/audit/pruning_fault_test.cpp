// Whatever the disk does while old entries are pruned: the log opens again, and no key is lost.

#include <catch2/catch.hpp>

#include "audit/pruner.hpp"
#include "audit/writer.hpp"
#include "os/clock.hpp"
#include "tests/unit/audit/faulty_disk.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

constexpr std::uint64_t kRuns = 150;
constexpr int kTurnsMax = 20'000;
constexpr std::uint64_t kBefore = 512;

class Story {
 public:
  explicit Story(std::uint64_t seed) : chance_(seed), disk_(seed ^ 0x5eedU), entropy_(seed + 1) {}

  void run() {
    grow();
    if (chance_.below(2) == 0) prune(kTileWidth);  // what it kept is superseded by the next
    disk_.plan(chance_.below(120), static_cast<Fault>(chance_.below(3)));
    prune(kBefore);
    go_down();
    // Once more, without a fault: it is finished, or never was begun.
    OpenedWriter opened = reopened();
    Pruner pruner(log_folder().value(), kRetentionMonths);
    const bool told = opened.writer.log().pruned_before() == kBefore;
    REQUIRE(step_on(pruner, opened));
    if (!told) REQUIRE(pruner.take(order(kBefore), opened.writer, *clock_.now()));
    REQUIRE(step_on(pruner, opened));
    go_down();
    opened = reopened();
    CHECK(opened.writer.log().pruned_before() == kBefore);
    CHECK(append(opened.writer, "key:3") == "key-pruned");
    CHECK(append(opened.writer, "key:500") == "key-pruned");
    CHECK(append(opened.writer, "key:590") == "key:590");
  }

 private:
  Result<std::unique_ptr<Folder>> log_folder() { return disk_.root()->subfolder("log"); }

  Result<OpenedWriter> open() {
    HANGU_TRY(std::unique_ptr<Folder> log, log_folder());
    HANGU_TRY(std::unique_ptr<Folder> keys, disk_.root()->subfolder("epoch-keys"));
    return Writer::open(writer_plan(std::move(log), std::move(keys), clock_, entropy_));
  }

  OpenedWriter reopened() {
    auto opened = open();
    INFO((opened ? std::string() : opened.error().message()));
    REQUIRE(opened);
    return *std::move(opened);
  }

  Submission event(const std::string& key) {
    Submission s;
    s.request.id = new_request_id(entropy_);
    s.request.type = "transfer.expired";
    s.request.transfer = *TransferId::create("00112233445566778899aabbccddeeff");
    s.request.kind = BodyKind::event;
    s.request.keys = {key};
    s.request.body = "{}";
    s.caller = {.program = "custodian", .uid = 1001, .pid = 4321};
    return s;
  }
  std::string append(Writer& writer, const std::string& key) {
    const Submission submission = event(key);
    return writer.append({&submission, 1}).value().front().reason;
  }

  void grow() {
    for (const char* name : {"log", "epoch-keys"}) REQUIRE(disk_.root()->make_subfolder(name));
    REQUIRE(disk_.root()->sync());
    OpenedWriter opened = open().value();
    std::vector<Submission> batch;
    for (int i = 0; i < 600; ++i) batch.push_back(event("key:" + std::to_string(i)));
    REQUIRE(opened.writer.append(batch));
    REQUIRE(opened.writer.close_epoch());
    REQUIRE(publish(opened));
    clock_.advance(std::chrono::days(3 * 366 + 1));
    REQUIRE(opened.writer.note_event("heartbeat", heartbeat()));
    REQUIRE(publish(opened));
  }

  static GivenOrder order(std::uint64_t before) {
    return {{{.origin = kOrigin,
              .act = PruneOrder{.before = before, .archive = std::string(64, 'a')},
              .reason = "over",
              .expires = *WallTime::parse("2036-03-01T08:00:00.000Z")},
             {"wang", "li"}},
            "envelope " + std::to_string(before)};
  }

  static bool publish(OpenedWriter& opened) {
    const auto published = opened.publisher.publish(opened.writer.log().head().size);
    if (published) opened.writer.published(published->size);
    return published.has_value();
  }
  /// Until there is nothing left to do, or a fault.
  static bool step_on(Pruner& pruner, OpenedWriter& opened) {
    for (int i = 0; i < kTurnsMax && (pruner.busy() || pruner.ready(opened.writer)); ++i) {
      if (pruner.ready(opened.writer)) {
        if (!pruner.step(opened.writer)) return false;
      } else if (opened.writer.log().published_size() < opened.writer.log().head().size &&
                 opened.writer.log().pruned_before() > 0 && !pruner.keeps()) {
        if (!publish(opened)) return false;
      } else {
        os::pause_for(std::chrono::milliseconds(1));  // the disk is another thread's
      }
    }
    return true;
  }
  /// One life of a writer that prunes.
  void prune(std::uint64_t before) {
    auto opened = open();
    auto folder = log_folder();
    if (!opened || !folder) return;
    Pruner pruner(*std::move(folder), kRetentionMonths);
    // What a start finds to be finished comes first.
    if (!step_on(pruner, *opened)) return;
    const Done taken = pruner.take(order(before), opened->writer, *clock_.now());
    if (taken) static_cast<void>(step_on(pruner, *opened));
  }
  void go_down() {
    if (chance_.below(3) == 0) {
      disk_.restart();
    } else {
      disk_.power_cut();
    }
  }

  SeededEntropy chance_;
  FaultyDisk disk_;
  ManualClock clock_{*WallTime::parse("2026-03-01T08:00:00.000Z")};
  SeededEntropy entropy_;
};

}  // namespace

TEST_CASE("pruning that the disk fails at any point is finished later, or never was begun",
          "[audit][prune][fault]") {
  for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
    CAPTURE(seed);
    Story(seed).run();
  }
}

}  // namespace hangu::audit::test
