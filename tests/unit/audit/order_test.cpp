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
  CHECK(reason(signed_text(prune_order(), {10})) == "order-unsigned");
  CHECK(reason(signed_text(prune_order(), {20})) == "order-unsigned");  // one key, two names
  CHECK(reason(signed_text(prune_order(), {10, 30})) == "order-unsigned");
  const auto known = auditors();
  const auto order = open_order(signed_text(prune_order(), {20, 10}), known, kOrigin, kNow);
  REQUIRE(order);
  CHECK(order->signers == std::vector<std::string>{"wang", "li"});
  CHECK(std::get<PruneOrder>(order->order.act).before == 512);
}

TEST_CASE("an order carries its auditors' signatures and nothing else", "[audit][order]") {
  CHECK(reason(signed_text(prune_order(), {10, 20, 30})) == "order-signature-unknown");
  const flow::Envelope good = flow::Envelope::parse(signed_text(prune_order(), {10, 20})).value();
  flow::Envelope envelope = good;
  envelope.signatures.push_back(good.signatures.front());
  CHECK(reason(envelope.to_text()) == "order-signed-twice");
  envelope.signatures.back().signature.front() ^= std::byte{1};  // a junk one in front hides none
  CHECK(reason(envelope.to_text()) == "order-signed-twice");
  envelope = good;
  envelope.signatures.back().certificate = "-----BEGIN CERTIFICATE-----";
  CHECK(reason(envelope.to_text()) == "order-signature-unknown");
  envelope = good;
  envelope.signatures.push_back({"nobody", Bytes(300), ""});
  CHECK(reason(envelope.to_text()) == "order-signature-unknown");
}

TEST_CASE("an order is as long as the log can keep, and no longer", "[audit][order]") {
  std::vector<Auditor> many;
  std::vector<unsigned> seeds;
  for (unsigned i = 0; i <= kOrderSignersMax; ++i) {
    seeds.push_back(10 * (i + 1));
    many.push_back({"auditor " + std::to_string(i), key_from(seeds.back()).verify_key()});
  }
  const std::vector<unsigned> most(seeds.begin(), seeds.end() - 1);
  const std::string text = signed_text(prune_order(), most);
  CHECK(open_order(text, many, kOrigin, kNow)->signers.size() == kOrderSignersMax);
  flow::Envelope envelope = flow::Envelope::parse(text).value();
  CHECK(sign_order(envelope, key_from(seeds.back())).error().reason() == "order-too-long");
  const flow::Envelope more =
      flow::Envelope::sign(envelope.payload_type, envelope.payload, key_from(seeds.back())).value();
  envelope.signatures.push_back(more.signatures.front());
  CHECK(open_order(envelope.to_text(), many, kOrigin, kNow).error().reason() == "order-too-long");
  // In bytes: a certificate fills it up to the last one.
  envelope = flow::Envelope::parse(signed_text(prune_order(), {10, 20})).value();
  envelope.signatures.back().certificate = "x";
  const std::size_t room = kOrderBytesMax - envelope.to_text().size();
  envelope.signatures.back().certificate = std::string(room + 1, 'x');
  REQUIRE(envelope.to_text().size() == kOrderBytesMax);
  CHECK(reason(envelope.to_text()) == "order-signature-unknown");
  envelope.signatures.back().certificate += 'x';
  CHECK(reason(envelope.to_text()) == "order-too-long");
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
