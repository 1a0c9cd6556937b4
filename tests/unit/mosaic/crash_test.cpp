// The ledger's file after its process was killed at any moment.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "mosaic/ground_area.hpp"
#include "tests/unit/mosaic/town.hpp"

using namespace hangu;
using test::box;
using test::must;

namespace {

constexpr int kKills = 12;
constexpr int kReleasesMax = 4000;

mosaic::Ring strip(int number) {
  return box(116 + number * 0.001, 0, 116 + (number + 1) * 0.001, 0.01);
}

/// Enters one strip beside the other and says each number once it is durable, until it is killed.
[[noreturn]] void enter_until_killed(const std::string& path, int from, int out) {
  auto ledger = mosaic::MosaicLedger::open(path);
  if (!ledger) ::_exit(1);
  for (int i = from; i < kReleasesMax; ++i) {
    const auto reserved =
        (*ledger)->reserve(test::Town::release(static_cast<std::size_t>(i), {strip(i)}));
    if (!reserved || !reserved->fits) ::_exit(2);
    if (::write(out, &i, sizeof i) != sizeof i) ::_exit(3);
    if (i % 2 == 0 && !(*ledger)->commit(reserved->number)) ::_exit(4);
  }
  ::_exit(0);
}

}  // namespace

TEST_CASE("a ledger that is killed has all that it said it has, counted once", "[mosaic]") {
  os::test::ScratchFolder folder;
  const std::string path = folder / "mosaic.sqlite";
  int next = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) enter_until_killed(path, next, ends[1]);
    ::close(ends[1]);
    int said = next - 1;
    for (int read = 0; read < 3 + kill; ++read)
      if (::read(ends[0], &said, sizeof said) != sizeof said) break;
    ::usleep(static_cast<useconds_t>(137 * kill));
    ::kill(child, SIGKILL);
    int number = 0;
    while (::read(ends[0], &number, sizeof number) == sizeof number) said = number;
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));

    const auto ledger = must(mosaic::MosaicLedger::open(path));
    const auto last = must(ledger->last());
    REQUIRE(last >= static_cast<std::uint64_t>(said) + 1);  // it may have died before saying so
    REQUIRE(last <= static_cast<std::uint64_t>(said) + 2);
    next = static_cast<int>(last);
    // The last one again: its own reservation, and the area of all strips up to it.
    const auto again = must(ledger->reserve(
        test::Town::release(static_cast<std::size_t>(next - 1), {strip(next - 1)})));
    CHECK(again.number == last);
    CHECK(static_cast<double>(again.square_metres) ==
          Approx(mosaic::ground_area(box(116, 0, 116 + next * 0.001, 0.01))).margin(2));
  }
}
