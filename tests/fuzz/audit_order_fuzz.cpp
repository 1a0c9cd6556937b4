// Orders of auditors: the envelope as it lies in the folder, and an order that the target signs
// itself, so that fuzzing gets behind the signatures. An order has one spelling; it counts with two
// different auditors, for its own log, before its end, and never else.

#include "audit/order.hpp"
#include "base/text.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/unit/audit/support.hpp"

namespace {

using namespace hangu;
using namespace hangu::audit;
using namespace hangu::audit::test;

const WallTime kNow(std::chrono::seconds(1'760'000'000));

const std::vector<crypto::SigningKey>& keys() {
  static const std::vector<crypto::SigningKey> all = [] {
    std::vector<crypto::SigningKey> made;
    for (unsigned n = 0; n < 3; ++n) made.push_back(key_from(0x30 + n));
    return made;
  }();
  return all;
}

/// Three, of whom the third has the first one's key under another name.
const std::vector<Auditor>& auditors() {
  static const std::vector<Auditor> all{{"a", keys()[0].verify_key()},
                                        {"b", keys()[1].verify_key()},
                                        {"again a", keys()[0].verify_key()}};
  return all;
}

void try_text(std::string_view text) {
  const auto order = Order::parse(text);
  if (!order) return fuzz::must_hold(!order.error().reason().empty());
  fuzz::must_hold(order->to_text() == text && !order->reason.empty());
  if (const auto* prune = std::get_if<PruneOrder>(&order->act))
    fuzz::must_hold(prune->before % kTileWidth == 0 && prune->before > 0);
}

void try_signed(std::string_view text) {
  auto envelope = flow::Envelope::sign(std::string(kOrderPayloadType), to_bytes(text), keys()[0]);
  if (!envelope) return;
  const auto order = Order::parse(text);
  const auto opened = [&](const flow::Envelope& one) {
    return open_order(one.to_text(), auditors(), order ? order->origin : kOrigin, kNow);
  };
  fuzz::must_hold(!opened(*envelope));  // one person
  auto stranger = sign_order(*envelope, keys()[2]);
  fuzz::must_hold(!sign_order(*envelope, keys()[0]) && stranger && !opened(*stranger));
  const auto both = sign_order(*std::move(envelope), keys()[1]);
  fuzz::must_hold(both.has_value());
  const auto counts = opened(*both);
  fuzz::must_hold(counts.has_value() == (order && kNow < order->expires));
  if (counts) {
    fuzz::must_hold(counts->signers == std::vector<std::string>{"a", "b"});
    fuzz::must_hold(!open_order(both->to_text(), auditors(), order->origin + "x", kNow));
    fuzz::must_hold(!open_order(both->to_text(), auditors(), order->origin, order->expires));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input = text_of(fuzz::view(data, size));
  const auto opened = open_order(input, auditors(), kOrigin, kNow);
  if (opened) fuzz::must_hold(opened->signers.size() >= kOrderSignersMin);
  try_text(input);
  if (input.size() <= kOrderBytesMax) try_signed(input);
  return 0;
}
