// The SM3 chain that is made beside.

#include "audit/chain_beside.hpp"

#include <catch2/catch.hpp>

#include "audit/epoch_entries.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

Bytes entry(std::uint64_t index, std::size_t bytes = 1000) {
  Bytes out(bytes, std::byte{'e'});
  store_u64(out, index);
  return out;
}

/// One after the other, as section 6 of the protocol says.
Hash chain_from(Hash value, std::uint64_t first, std::uint64_t end, std::size_t bytes = 1000) {
  for (std::uint64_t i = first; i < end; ++i) value = chain_on(value, entry(i, bytes));
  return value;
}

}  // namespace

TEST_CASE("the chain made beside is that of the entries one after the other", "[audit][chain]") {
  ChainBeside chain;
  chain.restart({.index = 0, .value = {}});
  for (std::uint64_t i = 0; i < 2000; ++i) chain.add(entry(i));
  const auto reached = chain.finish();
  CHECK(reached.index == 2000);
  CHECK(reached.value == chain_from({}, 0, 2000));
}

TEST_CASE("the chain begins anew where an epoch ended, whatever was under way", "[audit][chain]") {
  const Hash told = chain_from({}, 0, 3);
  ChainBeside chain;
  chain.restart({.index = 0, .value = {}});
  for (std::uint64_t i = 0; i < 2000; ++i) {
    if (i == 1500) chain.restart({.index = i, .value = told});
    chain.add(entry(i));
  }
  const auto reached = chain.finish();
  CHECK(reached.index == 2000);
  CHECK(reached.value == chain_from(told, 1500, 2000));
}

TEST_CASE("before its beginning is known no chain is made", "[audit][chain]") {
  ChainBeside chain;
  for (std::uint64_t i = 0; i < 2000; ++i) chain.add(entry(i));
  CHECK(chain.finish().index == 0);
}

TEST_CASE("what comes quicker than it is chained waits, and nothing is left out",
          "[audit][chain]") {
  constexpr std::size_t kBytes = 48 * 1024;
  for (const std::size_t waiting_bytes_max : {std::size_t{0}, std::size_t{1} << 20}) {
    ChainBeside chain(waiting_bytes_max);
    chain.restart({.index = 0, .value = {}});
    for (std::uint64_t i = 0; i < 400; ++i) chain.add(entry(i, kBytes));
    const auto reached = chain.finish();
    CHECK(reached.index == 400);
    CHECK(reached.value == chain_from({}, 0, 400, kBytes));
  }
}

TEST_CASE("a chain that was asked for goes on with the next entry", "[audit][chain]") {
  ChainBeside chain;
  chain.restart({.index = 0, .value = {}});
  for (std::uint64_t i = 0; i < 300; ++i) {
    chain.add(entry(i));
    if (i % 7 != 0) continue;
    const auto reached = chain.finish();
    CHECK(reached.index == i + 1);
    CHECK(reached.value == chain_from({}, 0, i + 1));
  }
  CHECK(chain.finish().value == chain_from({}, 0, 300));
}

}  // namespace hangu::audit::test
