// Segments that are laid out with zeros before they are written: when, by whom, and what if not.

#include <sys/resource.h>

#include <csignal>

#include <catch2/catch.hpp>

#include "tests/unit/audit/crash_box.hpp"

namespace hangu::audit::test {
namespace {

constexpr const char* kSpare = "journal/spare.new";
constexpr const char* kHalfSpare = "journal/half-spare.new";

/// A log in `folder` of 400 entries, published; the next batch begins a segment in a spare.
Result<OpenedLog> log_with_spare(const TestFolder& folder) {
  auto opened = open_log(folder.path(), {.segment_bytes_max = 16 * 1024, .disk_reserve_bytes = 0});
  REQUIRE(opened);
  REQUIRE(opened->log.commit(batch_of(0, 400)));
  REQUIRE(opened->publisher.publish(400));
  REQUIRE(opened->publisher.look_ahead());
  return opened;
}

}  // namespace

TEST_CASE("who appends moves to the spare segment, which does not grow", "[audit]") {
  const TestFolder folder;
  const auto second = folder / ("journal/" + segment_name(400));
  Bytes written;
  {
    auto opened = log_with_spare(folder);
    const Bytes spare = read_bytes(folder / kSpare);
    CHECK(spare == Bytes(16 * 1024));
    CHECK(opened->publisher.look_ahead());  // one is enough
    REQUIRE(opened->log.commit(batch_of(400, 5)));
    CHECK_FALSE(std::filesystem::exists(folder / kSpare));
    REQUIRE(opened->log.commit(batch_of(405, 5)));
    written = read_bytes(second);
    CHECK(written.size() == spare.size());
    REQUIRE(opened->publisher.publish(410));
  }
  // The zeros are no loss, and go: what is appended later makes the file longer again.
  auto opened = open_log(folder.path());
  REQUIRE(opened);
  CHECK(opened->log.head().size == 410);
  CHECK(opened->recovery.discarded_bytes == 0);
  CHECK(read_bytes(second).size() == content_bytes(written));
}

TEST_CASE("zeros behind a segment are no damage, anything else there is", "[audit]") {
  const TestFolder folder;
  {
    auto opened = log_with_spare(folder);
    REQUIRE(opened->log.commit(batch_of(400, 5)));
    REQUIRE(opened->log.commit(batch_of(405, 5)));
  }
  const auto second = folder / ("journal/" + segment_name(400));
  const Bytes written = read_bytes(second);
  const std::size_t end = content_bytes(written);
  for (const std::size_t at : {end, end + 1, end + 600, written.size() - 1}) {
    CAPTURE(at, end);
    Bytes changed = written;
    changed[at] = std::byte{2};
    write_bytes(second, changed);
    auto opened = open_log(folder.path());
    REQUIRE(opened);  // never acknowledged
    CHECK(opened->log.head().size == 410);
    CHECK(opened->recovery.discarded_bytes == at + 1 - end);
  }
  for (const std::size_t at : {end - 1, end - 60}) {  // the last batch: as if it were torn
    Bytes changed = written;
    changed[at] ^= std::byte{2};
    write_bytes(second, changed);
    CAPTURE(at, end);
    CHECK(outcome(folder.path()) == "405");
  }
  // A batch of nothing but zeros before another is no end.
  Bytes holed = written;
  write_bytes(second, written);
  JournalReader reader = *JournalReader::open(*folder_at(folder / "journal"), 400);
  const std::uint64_t first = reader.offset();
  REQUIRE(reader.next());
  std::fill(holed.begin() + static_cast<std::ptrdiff_t>(first),
            holed.begin() + static_cast<std::ptrdiff_t>(reader.offset()), std::byte{0});
  write_bytes(second, holed);
  CHECK(outcome(folder.path()) == "audit-journal-corrupt");
}

TEST_CASE("a spare comes little by little, and has its name when all its zeros are durable",
          "[audit]") {
  const TestFolder folder;
  const auto journal = folder_at(folder.path());
  constexpr std::uint64_t kBytes = 200'000;
  SpareSegment spare(kBytes);
  std::uint64_t before = 0;
  for (const std::uint64_t laid_out : {1ULL, 65'537ULL, 199'999ULL}) {
    REQUIRE(spare.lay_out(*journal, laid_out - std::exchange(before, laid_out)));
    CHECK(read_bytes(folder / kHalfSpareName) == Bytes(laid_out));
    CHECK_FALSE(std::filesystem::exists(folder / kSpareName));
  }
  REQUIRE(spare.lay_out(*journal, 1000));  // no more than it needs
  CHECK_FALSE(std::filesystem::exists(folder / kHalfSpareName));
  CHECK(read_bytes(folder / kSpareName) == Bytes(kBytes));
  REQUIRE(spare.lay_out(*journal, 1000));  // one is enough
  CHECK_FALSE(std::filesystem::exists(folder / kHalfSpareName));
  std::filesystem::remove(folder / kSpareName);
  REQUIRE(spare.lay_out(*journal, 1000));  // the next
  CHECK(read_bytes(folder / kHalfSpareName) == Bytes(1000));
}

TEST_CASE("who makes a spare stops when told, goes on later, and gives its room back", "[audit]") {
  const TestFolder folder;
  const auto journal = folder_at(folder.path());
  SpareSegment spare(200'000);
  int steps = 0;
  REQUIRE(spare.lay_out(*journal, 200'000, [&] { return ++steps <= 2; }));
  CHECK(read_bytes(folder / kHalfSpareName) == Bytes(2 * kSpareStepBytes));
  REQUIRE(spare.drop(*journal));
  CHECK_FALSE(std::filesystem::exists(folder / kHalfSpareName));
  REQUIRE(spare.drop(*journal));  // nothing is there
  REQUIRE(spare.lay_out(*journal, 200'000, [] { return false; }));
  REQUIRE(spare.lay_out(*journal, 200'000));
  CHECK(read_bytes(folder / kSpareName) == Bytes(200'000));
  REQUIRE(spare.drop(*journal));  // a whole one stays
  CHECK(std::filesystem::exists(folder / kSpareName));
}

TEST_CASE("a round after a start lays out no more than any other", "[audit]") {
  const TestFolder folder;
  constexpr std::uint64_t kBytes = 3 * kSpareRoundBytes;
  const LogLimits limits{.segment_bytes_max = kBytes, .disk_reserve_bytes = 0};
  const Bytes entry(40'000, std::byte{'e'});
  const auto write = [&](Log& log, std::uint64_t bytes) {
    for (std::uint64_t done = 0; done < bytes; done += 25 * entry.size())
      REQUIRE(log.commit(batch_with(std::vector(25, entry))));
  };
  {
    auto opened = open_log(folder.path(), limits);
    REQUIRE(opened);
    write(opened->log, kSpareRoundBytes + kSpareRoundBytes / 2);
    REQUIRE(opened->publisher.publish(opened->log.head().size));
  }
  auto opened = open_log(folder.path(), limits);
  REQUIRE(opened);
  write(opened->log, 1);
  REQUIRE(opened->publisher.publish(opened->log.head().size));
  REQUIRE(opened->publisher.look_ahead());
  CHECK(std::filesystem::file_size(folder / kHalfSpare) == kSpareRoundBytes);
}

TEST_CASE("a disk that fills up while a spare is made costs the spare, not the log", "[audit]") {
  const TestFolder folder;
  auto opened = open_log(folder.path(), {.segment_bytes_max = 16 * 1024, .disk_reserve_bytes = 0});
  REQUIRE(opened);
  REQUIRE(opened->log.commit(batch_of(0, 400)));
  REQUIRE(opened->publisher.publish(400));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto at_signal = ::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{.rlim_cur = 15'000, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const Done ahead = opened->publisher.look_ahead();
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  ::signal(SIGXFSZ, at_signal);
  CHECK(ahead);
  CHECK_FALSE(std::filesystem::exists(folder / kSpare));
  CHECK_FALSE(std::filesystem::exists(folder / kHalfSpare));
  REQUIRE(opened->log.commit(batch_of(400, 5)));
  REQUIRE(opened->publisher.publish(405));
  REQUIRE(opened->publisher.look_ahead());
  CHECK(std::filesystem::exists(folder / kSpare));
}

TEST_CASE("spares of a run before are not trusted, whatever they hold", "[audit]") {
  const TestFolder folder;
  {
    REQUIRE(log_with_spare(folder));
  }
  const Bytes journal = read_bytes(folder / kSegment);
  write_bytes(folder / kSpare, journal);
  write_bytes(folder / kHalfSpare, journal);
  {
    auto opened = open_log(folder.path(), {.segment_bytes_max = 16 * 1024});
    REQUIRE(opened);
    CHECK_FALSE(std::filesystem::exists(folder / kSpare));
    CHECK_FALSE(std::filesystem::exists(folder / kHalfSpare));
    REQUIRE(opened->log.commit(batch_of(400, 5)));
    // Who can write there while the log runs can damage it, as he can any segment: it is seen.
    write_bytes(folder / kSpare, journal);
    REQUIRE(opened->log.commit(batch_of(405, 5)));
  }
  CHECK(outcome(folder.path()) == "audit-journal-corrupt");
}

TEST_CASE("no spare is made where little is written or the disk has little room", "[audit]") {
  const auto spare_after = [](std::size_t entries, const LogLimits& limits) {
    const TestFolder folder;
    auto opened = open_log(folder.path(), limits);
    REQUIRE(opened);
    REQUIRE(opened->publisher.look_ahead());
    REQUIRE(opened->log.commit(batch_of(0, entries)));
    REQUIRE(opened->publisher.publish(entries));
    REQUIRE(opened->publisher.look_ahead());
    return std::filesystem::exists(folder / kSpare);
  };
  const LogLimits plenty{.segment_bytes_max = 16 * 1024, .disk_reserve_bytes = 0};
  CHECK(spare_after(400, plenty));
  CHECK_FALSE(spare_after(20, plenty));
  CHECK_FALSE(spare_after(
      200, {.segment_bytes_max = 16 * 1024, .disk_reserve_bytes = std::uint64_t{1} << 50}));
}

}  // namespace hangu::audit::test
