// Publishing beside the commits: after an error of the disk nothing goes on.

#include "audit/publishing.hpp"

#include <functional>

#include <catch2/catch.hpp>

#include "audit/writer.hpp"
#include "os/clock.hpp"
#include "tests/unit/audit/faulty_disk.hpp"
#include "tests/unit/audit/writer_plan.hpp"

namespace hangu::audit::test {
namespace {

constexpr int kPollsMax = 2000;

/// Whether `ready` comes true soon.
bool soon(const std::function<bool()>& ready) {
  for (int i = 0; i < kPollsMax && !ready(); ++i) os::pause_for(std::chrono::milliseconds(1));
  return ready();
}

}  // namespace

TEST_CASE("an error that a cosignature met closes the log, also when rounds come after it",
          "[audit]") {
  int struck = 0;
  for (std::uint64_t after = 0; after < 40; ++after) {
    FaultyDisk disk(after + 1);
    const ManualClock clock(*WallTime::parse("2026-03-01T08:00:00.000Z"));
    SeededEntropy entropy(after);
    for (const char* name : {"log", "epoch-keys"}) REQUIRE(disk.root()->make_subfolder(name));
    auto opened =
        Writer::open(writer_plan(disk.root()->subfolder("log").value(),
                                 disk.root()->subfolder("epoch-keys").value(), clock, entropy));
    REQUIRE(opened);
    Writer& writer = opened->writer;
    const TreeHead head = opened->publisher.publish(writer.log().head().size).value();
    writer.published(head.size);
    REQUIRE(writer.note_event("heartbeat", heartbeat()));
    const std::uint64_t size = writer.log().head().size;

    PublishingThread publishing(std::move(opened->publisher));
    disk.plan(after, Fault::error);
    publishing.cosign({.head = head,
                       .time = std::chrono::seconds(9),
                       .lines = {{.name = kOrigin, .key_id = 1, .signature = Bytes(64)}}});
    if (!soon([&] { return disk.struck(); })) break;
    ++struck;
    publishing.ask(size);
    const Result<TreeHead> round = publishing.wait();
    CHECK_FALSE(round.has_value());
    for (int i = 0; i < 2; ++i) {
      const auto again = publishing.take();
      REQUIRE(again.has_value());
      CHECK_FALSE(again->has_value());
    }
  }
  CHECK(struck > 5);
}

}  // namespace hangu::audit::test
