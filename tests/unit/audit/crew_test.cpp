// Threads beside the writer's own.

#include "audit/crew.hpp"

#include <atomic>

#include <catch2/catch.hpp>

namespace hangu::audit::test {

TEST_CASE("a crew does each of many things once, round after round", "[audit]") {
  Crew crew;
  for (const std::size_t count : {0U, 1U, 2U, 7U, 1000U}) {
    for (int round = 0; round < 200; ++round) {
      std::vector<std::atomic<int>> done(count);  // gone at the end: nobody may still use it
      crew.for_each(count, [&](std::size_t i) { ++done[i]; });
      for (const auto& times : done) REQUIRE(times == 1);
    }
  }
}

}  // namespace hangu::audit::test
