// Where ids, keys and transfers stand, however many there are.

#include "audit/entry_index.hpp"

#include <catch2/catch.hpp>

#include "crypto/secret.hpp"

namespace hangu::audit::test {

TEST_CASE("the index finds every id, key and transfer while it grows", "[audit]") {
  crypto::SystemEntropy entropy;
  EntryIndex index(entropy);
  constexpr std::uint64_t kTransfers = 5000;
  const auto id_of = [](std::uint64_t n) {
    std::array<std::byte, 16> id{};
    store_u64(MutableByteView(id).subspan(8), n);  // they differ at the end only
    return to_hex(id);
  };
  for (std::uint64_t i = 0; i < 2 * kTransfers; ++i) {  // each transfer has two entries
    const std::string id = id_of(1'000'000 + i);
    const std::string transfer = id_of(i % kTransfers);
    const std::string key = "key:" + std::to_string(i);
    CHECK(index.last_of(TransferId::create(transfer).value()).has_value() == (i >= kTransfers));
    EntryHead head;
    head.id = id;
    head.transfer = transfer;
    head.keys = {key};
    index.add(i, head);
  }
  for (std::uint64_t i = 0; i < 2 * kTransfers; ++i) {
    CHECK(index.candidates_by_id(id_of(1'000'000 + i)) == std::vector{i});
    CHECK(index.candidates_by_key("key:" + std::to_string(i)) == std::vector{i});
  }
  for (std::uint64_t t = 0; t < kTransfers; ++t)
    CHECK(index.last_of(TransferId::create(id_of(t)).value()) == kTransfers + t);
  CHECK_FALSE(index.last_of(TransferId::create(id_of(kTransfers)).value()));
}

}  // namespace hangu::audit::test
