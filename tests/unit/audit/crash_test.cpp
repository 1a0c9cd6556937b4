// What a log does with files as they may be after a crash, a full disk, or a visit by somebody.

#include <sys/resource.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>

#include <catch2/catch.hpp>

#include "os/file.hpp"
#include "tests/unit/audit/crash_box.hpp"

namespace hangu::audit::test {
namespace {

/// A journal of three batches of five entries, and where each batch ends.
struct ThreeBatches {
  Bytes journal;
  std::vector<std::size_t> ends;
};

ThreeBatches make_three(const TestFolder& folder) {
  ThreeBatches made;
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  made.ends.push_back(read_bytes(folder / kSegment).size());
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(opened->log.commit(batch_of(5 * i, 5)));
    made.ends.push_back(read_bytes(folder / kSegment).size());
  }
  made.journal = read_bytes(folder / kSegment);
  return made;
}

}  // namespace

TEST_CASE("a journal cut at any byte of its last batch opens without that batch and goes on",
          "[audit]") {
  const TestFolder folder;
  const ThreeBatches made = make_three(folder);
  for (std::size_t cut = made.ends[2]; cut < made.ends[3]; ++cut) {
    write_bytes(folder / kSegment, ByteView(made.journal).first(cut));
    {
      auto opened = open_log(folder.path());
      REQUIRE(opened);
      REQUIRE(opened->log.head().size == 10);
      // Zeros at a segment's end are nobody's bytes.
      REQUIRE(opened->recovery.discarded_bytes ==
              content_bytes(ByteView(made.journal).first(cut).subspan(made.ends[2])));
      REQUIRE(opened->log.commit(batch_of(10, 5)));
    }
    REQUIRE(read_bytes(folder / kSegment) == made.journal);  // deterministic signatures too
  }
}

TEST_CASE("a byte flipped before a good commit is corruption, not a torn tail", "[audit]") {
  const TestFolder folder;
  const ThreeBatches made = make_three(folder);
  // Everything up to the last COMMIT record, which begins after the last ENTRIES record.
  const auto entries_bytes = load_u32(ByteView(made.journal).subspan(made.ends[2]));
  const std::size_t last_commit = made.ends[2] + 9 + entries_bytes;
  for (std::size_t at = 0; at < made.journal.size(); ++at) {
    Bytes changed = made.journal;
    changed[at] ^= std::byte{0x20};
    write_bytes(folder / kSegment, changed);
    const std::string found = outcome(folder.path());
    CAPTURE(at);
    REQUIRE(found == (at < last_commit ? "audit-journal-corrupt" : "10"));
  }
}

TEST_CASE("a page of the last batch that never reached the disk is a torn tail", "[audit]") {
  const TestFolder folder;
  std::size_t before = 0;
  {
    auto opened = open_log(folder.path());
    REQUIRE(opened);
    REQUIRE(opened->log.commit(batch_of(0, 5)));
    before = read_bytes(folder / kSegment).size();
    REQUIRE(opened->log.commit(batch_of(5, 500)));
  }
  const Bytes whole = read_bytes(folder / kSegment);
  Bytes holed = whole;
  const std::size_t page = (before / 4096 + 1) * 4096;
  std::fill_n(holed.begin() + static_cast<std::ptrdiff_t>(page), 4096, std::byte{0});
  write_bytes(folder / kSegment, holed);
  CHECK(outcome(folder.path()) == "5");
  // The same hole under a later batch was durable once: corruption.
  write_bytes(folder / kSegment, whole);
  {
    auto opened = open_log(folder.path());
    REQUIRE(opened);
    REQUIRE(opened->log.commit(batch_of(505, 1)));
  }
  Bytes later = read_bytes(folder / kSegment);
  std::fill_n(later.begin() + static_cast<std::ptrdiff_t>(page), 4096, std::byte{0});
  write_bytes(folder / kSegment, later);
  CHECK(outcome(folder.path()) == "audit-journal-corrupt");
}

TEST_CASE("a journal that is behind the published checkpoint is refused", "[audit]") {
  const TestFolder folder;
  const ThreeBatches made = make_three(folder);
  {
    auto opened = open_log(folder.path());
    REQUIRE(opened);
    REQUIRE(opened->publisher.publish(15));
  }
  CHECK(outcome(folder.path()) == "15");
  write_bytes(folder / kSegment, ByteView(made.journal).first(made.ends[2]));
  CHECK(outcome(folder.path()) == "audit-journal-behind");
  write_bytes(folder / kSegment, ByteView(made.journal).first(made.ends[3] - 1));
  CHECK(outcome(folder.path()) == "audit-journal-behind");
  std::filesystem::remove(folder / kSegment);
  CHECK(outcome(folder.path()) == "audit-journal-missing");
  write_bytes(folder / kSegment, made.journal);
  std::filesystem::remove(folder / "checkpoint");
  CHECK(outcome(folder.path()) == "15");  // nothing is lost: it is published again
}

TEST_CASE("a published file that was changed keeps the log from opening", "[audit]") {
  const TestFolder folder;
  {
    auto opened = open_log(folder.path());
    REQUIRE(opened);
    REQUIRE(opened->log.commit(batch_of(0, 300)));
    REQUIRE(opened->publisher.publish(300));
  }
  for (const char* name : {"tile/entries/000", "tile/entries/001.p/44", "checkpoint"}) {
    const Bytes good = read_bytes(folder / name);
    for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 2}) {
      Bytes changed = good;
      changed[at] ^= std::byte{1};
      write_bytes(folder / name, changed);
      CAPTURE(name, at);
      const std::string found = outcome(folder.path());
      if (name != std::string("checkpoint")) {
        CHECK(found == "audit-tiles-corrupt");
      } else if (at == good.size() / 2) {  // in the log's line: it names no key that was given
        CHECK(found == "audit-log-key");
      } else {
        CHECK(found == "audit-checkpoint-invalid");
      }
    }
    write_bytes(folder / name, good);
  }
  CHECK(outcome(folder.path()) == "300");
  // Foreign files in the journal are not guessed about.
  write_bytes(folder / "journal/stray", {});
  CHECK(outcome(folder.path()) == "audit-journal-stray");
}

TEST_CASE("the publisher does not vouch for a tile that is another's", "[audit]") {
  const TestFolder folder;
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  REQUIRE(opened->log.commit(batch_of(0, 256)));
  std::filesystem::create_directories(folder / "tile/entries");
  write_bytes(folder / "tile/entries/000", bytes_of("something else"));
  CHECK(opened->publisher.publish(256).error().reason() == "audit-tile-differs");
  CHECK_FALSE(std::filesystem::exists(folder / "checkpoint"));
}

TEST_CASE("a proof over a changed hash tile is not given out", "[audit]") {
  const TestFolder folder;
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  REQUIRE(opened->log.commit(batch_of(0, 600)));
  REQUIRE(opened->publisher.publish(600));
  opened->log.published(600);
  CHECK(opened->log.prove(300, 600));
  Bytes tile = read_bytes(folder / "tile/0/000");
  tile[32 * 7] ^= std::byte{1};
  write_bytes(folder / "tile/0/000", tile);
  CHECK(opened->log.prove(5, 600).error().reason() == "audit-tiles-corrupt");
  CHECK(opened->log.prove(599, 600));
}

TEST_CASE("on a full disk nothing acknowledged is lost and the writer is dead", "[audit]") {
  const TestFolder folder;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{.rlim_cur = 20'000, .rlim_max = 20'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto opened = open_log(folder.path());
    if (!opened) ::_exit(100);
    for (std::size_t i = 0; i < 90; ++i) {
      if (opened->log.commit(batch_of(10 * i, 10))) continue;
      // The number of acknowledged batches is the exit status; a dead log stays dead.
      const bool dead = opened->log.commit(batch_of(0, 1)).error().reason() == "audit-dead" &&
                        opened->log.ready().error().reason() == "audit-dead";
      ::_exit(dead ? static_cast<int>(i) : 101);
    }
    ::_exit(102);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  const int acknowledged = WEXITSTATUS(status);
  CAPTURE(acknowledged);
  REQUIRE(acknowledged > 5);
  REQUIRE(acknowledged < 90);
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  CHECK(opened->log.head().size == 10U * static_cast<unsigned>(acknowledged));
  CHECK(opened->recovery.discarded_bytes > 0);
}

namespace {

constexpr int kKills = 40;

/// Appends and publishes for ever; tells each acknowledged size through `pipe`.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, int pipe,
                                     std::uint64_t seed) {
  SeededEntropy chance(seed);
  auto opened = open_log(folder, {.segment_bytes_max = 20'000});
  if (!opened) ::_exit(100);
  while (true) {
    const auto size = static_cast<std::size_t>(opened->log.head().size);
    if (!opened->log.commit(batch_of(size, 1 + chance.below(60)))) ::_exit(101);
    const std::uint64_t acknowledged = opened->log.head().size;
    if (::write(pipe, &acknowledged, sizeof acknowledged) != sizeof acknowledged) ::_exit(102);
    if (chance.below(3) != 0) continue;
    if (!opened->publisher.publish(acknowledged)) ::_exit(103);
    opened->log.published(acknowledged);
  }
}

}  // namespace

TEST_CASE("a writer killed at random moments loses nothing that it acknowledged", "[audit]") {
  const TestFolder folder;
  SeededEntropy chance(1);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < kKills; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(folder.path(), ends[1], static_cast<std::uint64_t>(round));
    }
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(2'000 + chance.below(40'000)));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    std::uint64_t told = 0;
    while (::read(ends[0], &told, sizeof told) == sizeof told) acknowledged = told;
    ::close(ends[0]);

    std::uint64_t seen = 0;
    auto opened = open_log(folder.path(), {}, [&](std::uint64_t index, ByteView entry) -> Done {
      if (index != seen++ || !equal(entry, batch_of(static_cast<std::size_t>(index), 1)[0])) {
        return fail(ErrorCode::corrupt, "test-entry");
      }
      return {};
    });
    CAPTURE(round, acknowledged);
    if (!opened) FAIL(opened.error().message());
    REQUIRE(opened->log.head().size >= acknowledged);
    REQUIRE(opened->log.head().size == seen);
    if (round % 4 == 0) REQUIRE(opened->publisher.publish(seen));
  }
  CHECK(acknowledged > 0);
}

}  // namespace hangu::audit::test
