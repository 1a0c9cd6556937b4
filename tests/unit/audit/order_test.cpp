// Orders of auditors: two different people, this log, in time.

#include "audit/order.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/audit/support.hpp"

namespace hangu::audit::test {
namespace {

const WallTime kNow = *WallTime::parse("2026-03-01T08:00:00.000Z");
const WallTime kLater = *WallTime::parse("2026-03-02T08:00:00.000Z");

Order prune_order() {
  return {.origin = kOrigin,
          .act = PruneOrder{.before = 512, .archive = std::string(64, 'a')},
          .reason = "三年期满",
          .expires = kLater};
}

std::vector<Auditor> auditors() {
  return {{"wang", key_from(10).verify_key()},
          {"li", key_from(20).verify_key()},
          {"li again", key_from(20).verify_key()}};
}

flow::Envelope unsigned_envelope(const Order& order) {
  return {std::string(kOrderPayloadType), hangu::to_bytes(order.to_text()), {}};
}

std::string signed_text(const Order& order, const std::vector<unsigned>& seeds) {
  flow::Envelope envelope = unsigned_envelope(order);
  for (const unsigned seed : seeds)
    envelope = sign_order(std::move(envelope), key_from(seed)).value();
  return envelope.to_text();
}

std::string reason(std::string_view text, std::string_view origin = kOrigin, WallTime now = kNow) {
  const auto known = auditors();
  const auto order = open_order(text, known, origin, now);
  return order ? "ok" : std::string(order.error().reason());
}

}  // namespace

TEST_CASE("an order counts when two different auditors signed it", "[audit][order]") {
  CHECK(reason(signed_text(prune_order(), {10, 20})) == "ok");
  CHECK(reason(signed_text(prune_order(), {10, 20, 30})) == "ok");
  CHECK(reason(signed_text(prune_order(), {10})) == "order-unsigned");
  CHECK(reason(signed_text(prune_order(), {20})) == "order-unsigned");  // one key, two names
  CHECK(reason(signed_text(prune_order(), {10, 30})) == "order-unsigned");
  const auto known = auditors();
  const auto order = open_order(signed_text(prune_order(), {20, 10}), known, kOrigin, kNow);
  REQUIRE(order);
  CHECK(order->signers == std::vector<std::string>{"wang", "li"});
  CHECK(std::get<PruneOrder>(order->order.act).before == 512);
}

TEST_CASE("an order is for one log and for a time", "[audit][order]") {
  const std::string text = signed_text(prune_order(), {10, 20});
  CHECK(reason(text, "other/audit") == "order-other-log");
  CHECK(reason(text, kOrigin, kLater + std::chrono::milliseconds(-1)) == "ok");
  CHECK(reason(text, kOrigin, kLater) == "order-expired");
}

TEST_CASE("a changed order is signed by nobody", "[audit][order]") {
  flow::Envelope envelope = flow::Envelope::parse(signed_text(prune_order(), {10, 20})).value();
  Order other = prune_order();
  std::get<PruneOrder>(other.act).before = 768;
  envelope.payload = hangu::to_bytes(other.to_text());
  CHECK(reason(envelope.to_text()) == "order-unsigned");
  CHECK(sign_order(flow::Envelope::parse(signed_text(prune_order(), {10})).value(), key_from(10))
            .error()
            .reason() == "order-signed-twice");
}

TEST_CASE("what an order says is bounded and in one spelling", "[audit][order]") {
  const auto parsed = [](const Order& order) { return Order::parse(order.to_text()); };
  CHECK(parsed(prune_order()));
  Order order = prune_order();
  order.reason = std::string(kOrderReasonBytesMax, 'r');
  CHECK(parsed(order));
  order.reason += 'r';
  CHECK_FALSE(parsed(order));
  order.reason.clear();
  CHECK_FALSE(parsed(order));
  for (const std::uint64_t before : {0U, 1U, 255U, 257U}) {
    order = prune_order();
    std::get<PruneOrder>(order.act).before = before;
    CHECK_FALSE(parsed(order));
  }
  order = prune_order();
  std::get<PruneOrder>(order.act).archive = "aa";
  CHECK_FALSE(parsed(order));
  CHECK_FALSE(Order::parse(prune_order().to_text() + " "));
  CHECK_FALSE(Order::parse("{}"));
  order.act = ReleaseOrder{.head = {.size = 7, .root = {}}, .found = {"tpm", 3}};
  CHECK(std::get<ReleaseOrder>(parsed(order)->act).found == CounterTold{"tpm", 3});
}

}  // namespace hangu::audit::test
