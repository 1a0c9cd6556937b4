// Entries in the form of a bundle, and those of a log that are still in memory.

#include "audit/entry_batch.hpp"

#include <catch2/catch.hpp>

#include "audit/tile.hpp"
#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {

TEST_CASE("a batch is the bundle of its entries, however they came into it", "[audit]") {
  const std::vector<Bytes> entries{entry_of("one"), entry_of(""),
                                   entry_of(std::string(0xffff, 'x'))};
  Bytes bundle;
  for (const Bytes& entry : entries) append_to_bundle(bundle, entry);
  CHECK(equal(batch_with(entries).bundle(), bundle));
  EntryBatch written;
  for (const Bytes& entry : entries) {
    written.begin().append("what is dropped leaves nothing");
    written.drop();
    written.begin().append(text_of(entry));
    CHECK(written.begun() == text_of(entry));
    written.keep();
  }
  CHECK(equal(written.bundle(), bundle));
  REQUIRE(written.size() == 3);
  const EntryBatch moved = std::move(written);
  written = {};
  written.add(bytes_of("a batch that was moved from is an empty one"));
  CHECK(written.size() == 1);
  for (std::size_t i = 0; i < 3; ++i) CHECK(equal(moved[i], entries[i]));
}

TEST_CASE("a tail has every entry from its first on, and forgets whole batches", "[audit]") {
  EntryTail tail(1000);
  CHECK(tail.first() == 1000);
  tail.add({});
  CHECK(tail.first() == 1000);
  CHECK(tail.memory() == 0);
  tail.add(batch_of(1000, 1));
  tail.add(batch_of(1001, 10));
  tail.add(batch_of(1011, 5));
  const auto has_from = [&](std::uint64_t first) {
    CHECK(tail.first() == first);
    for (std::uint64_t i = first; i < 1016; ++i)
      CHECK(text_of(tail[i]) == "entry number " + std::to_string(i));
  };
  has_from(1000);
  const auto needs = [](std::size_t entries) {
    return entries * (2 + std::string_view("entry number 1000").size());
  };
  CHECK(tail.memory() >= needs(16));
  CHECK(tail.memory() <= 2 * needs(16) + 3 * std::string().capacity());
  tail.release(1010);  // in the middle of a batch, which stays
  has_from(1001);
  CHECK(tail.memory() < 2 * needs(15) + 3 * std::string().capacity());
  tail.release(1011);
  has_from(1011);
  tail.release(1016);
  CHECK(tail.first() == 1016);
  CHECK(tail.memory() == 0);
  EntryBatch roomy = batch_of(1016, 1);
  roomy.reserve(1000, 1'000'000);  // for entries that were refused
  tail.add(std::move(roomy));
  CHECK(text_of(tail[1016]) == "entry number 1016");
  CHECK(tail.memory() < 1000);
}

}  // namespace hangu::audit::test
