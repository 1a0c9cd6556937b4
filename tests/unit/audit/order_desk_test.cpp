// The folder of orders: what counts, what is told and how often, and what becomes of the files.

#include "audit/order_desk.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

const WallTime kNow = *WallTime::parse("2026-03-01T08:00:00.000Z");
const WallTime kEnd = *WallTime::parse("2026-03-02T08:00:00.000Z");

struct Bench {
  TestFolder folder;
  std::vector<std::string> told;
  OrderDesk desk{folder_at(folder.path()),
                 {{"wang", key_from(10).verify_key()}, {"li", key_from(20).verify_key()}},
                 kOrigin,
                 [this](const std::string& line) { told.push_back(line); }};

  std::string put(const std::string& name, const std::vector<unsigned>& seeds = {10, 20}) {
    const Order order{.origin = kOrigin,
                      .act = PruneOrder{.before = 512, .archive = std::string(64, 'a')},
                      .reason = name,
                      .expires = kEnd};
    flow::Envelope envelope{std::string(kOrderPayloadType), hangu::to_bytes(order.to_text()), {}};
    for (const unsigned seed : seeds)
      envelope = sign_order(std::move(envelope), key_from(seed)).value();
    write_bytes(folder / name, bytes_of(envelope.to_text()));
    return envelope.to_text();
  }
  [[nodiscard]] bool tells(const std::string& words) const {
    return std::ranges::any_of(
        told, [&](const std::string& line) { return line.find(words) != std::string::npos; });
  }
};

}  // namespace

TEST_CASE("orders that count are given with their file, others are told once", "[audit][order]") {
  Bench bench;
  bench.put("a.dsse");
  bench.put("b.dsse", {10});
  write_bytes(bench.folder / "c.txt", bytes_of("no order"));
  write_bytes(bench.folder / "d.dsse", Bytes(kOrderBytesMax + 1));
  for (int i = 0; i < 3; ++i) {
    const auto orders = bench.desk.read(kNow);
    REQUIRE(orders.size() == 1);
    CHECK(orders.front().file == "a.dsse");
  }
  CHECK(bench.told.size() == 2);
  CHECK(bench.tells("order-unsigned"));
  CHECK(bench.tells("file-too-long"));
}

TEST_CASE("too many files are told and none of them counts, until they are cleared up",
          "[audit][order]") {
  Bench bench;
  bench.put("a.dsse");
  for (std::size_t i = 1; i < kOrdersMax; ++i)
    write_bytes(bench.folder / ("junk" + std::to_string(i)), {});
  CHECK(bench.desk.read(kNow).size() == 1);
  CHECK(bench.told.empty());
  for (int round = 1; round <= 2; ++round) {
    write_bytes(bench.folder / "one-more", {});
    CHECK(bench.desk.read(kNow).empty());
    CHECK(bench.desk.read(kNow).empty());
    CHECK(bench.told.size() == static_cast<std::size_t>(round));
    CHECK(bench.tells("order-too-many"));
    std::filesystem::remove(bench.folder / "one-more");
    CHECK(bench.desk.read(kNow).size() == 1);
  }
}

TEST_CASE("an order under way is left alone, and one that the log tells of is removed",
          "[audit][order]") {
  Bench bench;
  const std::string first = bench.put("a.dsse");
  const std::string second = bench.put("b.dsse");
  const auto standing = [&](std::string_view envelope) {
    return envelope == first ? OrderStanding::recorded : OrderStanding::under_way;
  };
  CHECK(bench.desk.read(kEnd, standing).empty());  // neither is told to be too late
  REQUIRE(bench.told.size() == 1);
  CHECK(bench.tells("HANGU-AUDIT-0011"));
  CHECK(bench.tells("a.dsse"));
  CHECK(files_below(bench.folder.path()) == std::vector<std::string>{"b.dsse"});
  CHECK(bench.desk.read(kEnd).empty());
  CHECK(bench.tells("order-expired"));
}

}  // namespace hangu::audit::test
