#pragma once
// Order: what the log does only when two people say so: prune old entries, or go on although its
// monotonic counter says that it was put back. One DSSE envelope with the signatures of two
// different auditors (anchors/auditors.json). docs/protocols/audit-log.md §6, §11.

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "audit/counter.hpp"
#include "audit/merkle.hpp"
#include "base/time.hpp"
#include "config/trust.hpp"
#include "crypto/signature.hpp"
#include "flow/envelope.hpp"

namespace hangu::audit {

inline constexpr std::string_view kOrderPayloadType = "application/vnd.hangu.audit-order+json";
/// Of the envelope's text, which the log keeps word for word in one entry.
inline constexpr std::size_t kOrderBytesMax = 16 * 1024;
inline constexpr std::size_t kOrderSignersMin = 2;
inline constexpr std::size_t kOrderSignersMax = 8;
inline constexpr std::size_t kOrderReasonBytesMax = 1000;

/// Delete the entries before `before`, which must be a multiple of kTileWidth.
struct PruneOrder {
  std::uint64_t before = 0;
  std::string archive;  ///< SHA-256 in hex of the manifest of the archive that holds them
};

/// Take up the log at exactly `head` although the counter is at `found`.
struct ReleaseOrder {
  TreeHead head;
  CounterTold found;
};

struct Order {
  std::string origin;  ///< of the log it is about
  std::variant<PruneOrder, ReleaseOrder> act;
  std::string reason;  ///< the auditors' words, 1..kOrderReasonBytesMax bytes
  WallTime expires;    ///< not carried out from then on

  [[nodiscard]] std::string to_text() const;  ///< canonical JSON
  /// Errors: Malformed "field-…", "json-…", "order-invalid", "statement-not-canonical".
  [[nodiscard]] static Result<Order> parse(std::string_view text);
};

/// An order that counts, and who signed it.
struct SignedOrder {
  Order order;
  std::vector<std::string> signers;  ///< names in anchors/auditors.json, at least two
};

/// A signed order with the text that it was read from.
struct GivenOrder {
  SignedOrder signed_order;
  std::string envelope;
  std::string file{};  ///< in the folder of orders
};

/// An auditor and the name under which the gateway knows the key.
struct Auditor {
  std::string name;
  crypto::VerifyKey key;
};
/// Those of anchors/auditors.json.
[[nodiscard]] std::vector<Auditor> auditors_of(const config::StageKeys& keys);

/// Every signature must be that of an auditor, each once: what the log keeps word for word carries
/// nothing that nobody answers for.
/// Errors: Exhausted "order-too-long" (the text, or more than kOrderSignersMax signatures);
/// Forbidden "order-unsigned" (fewer than two different auditors), "order-signature-unknown" (one
/// more by somebody else, a wrong one, or one with a certificate), "order-signed-twice",
/// "order-expired", "order-other-log"; Malformed as Order::parse and Envelope::parse.
[[nodiscard]] Result<SignedOrder> open_order(std::string_view envelope_text,
                                             std::span<const Auditor> auditors,
                                             std::string_view origin, WallTime now);

/// `envelope` with one more signature over the same payload. Errors: those of signing; Forbidden
/// "order-signed-twice"; Exhausted "order-too-long".
[[nodiscard]] Result<flow::Envelope> sign_order(flow::Envelope envelope,
                                                const crypto::SigningKey& auditor);

}  // namespace hangu::audit
