#pragma once
// Posture: how much still flows. Beside the rules, which stay as they are: an officer's switch, or
// what a policy says of trouble, makes it tighter at once; to loosen it takes two people.
// docs/protocols/policy.md §12.

#include <optional>
#include <span>
#include <string>

#include "base/time.hpp"
#include "policy/catalogue.hpp"
#include "policy/signers.hpp"

namespace hangu::policy {

inline constexpr std::string_view kPosturePayloadType = "application/vnd.hangu.posture+json";
inline constexpr std::size_t kPostureReasonBytesMax = 500;

/// From the loosest; a tighter one is greater.
enum class Posture : std::uint8_t {
  normal,       ///< as the rules say
  import_only,  ///< only into zones whose ceiling is above that of where it comes from
  stop,         ///< nothing
};
[[nodiscard]] std::string_view to_text(Posture posture);  ///< "normal", "import-only", "stop"
/// Errors: Malformed "posture-unknown".
[[nodiscard]] Result<Posture> parse_posture(std::string_view text);

/// Whether data may go from one zone to the other in this posture: an import goes to where both
/// ceilings are at least as high, and one is higher.
[[nodiscard]] bool lets_flow(Posture posture, const Ceiling& from, const Ceiling& to);

/// What a policy demands in trouble: [posture].
struct PostureRules {
  std::optional<std::chrono::seconds> unwitnessed_after;  ///< no quorum of witnesses for longer …
  Posture unwitnessed = Posture::normal;                  ///< … then at least this
  Posture alarm = Posture::normal;                        ///< while the alarm's file is there
  /// Whether it makes of every trouble at least what `other` makes of it, and no later.
  [[nodiscard]] bool holds_all_of(const PostureRules& other) const;
  bool operator==(const PostureRules&) const = default;
};

/// An officer's switch, for one gateway. Its number rises by one with each.
struct PostureOrder {
  WallTime at;
  std::string gateway;
  std::uint32_t number = 1;  ///< 1 .. UINT32_MAX
  Posture posture = Posture::stop;
  std::string reason;  ///< for people

  /// Canonical JSON, its members in the order above.
  [[nodiscard]] std::string to_text() const;
  /// Errors: Malformed "json-…", "field-…", "statement-not-canonical".
  [[nodiscard]] static Result<PostureOrder> parse(std::string_view text);
};

/// Errors: Forbidden "document-type"; those of PostureOrder::parse.
[[nodiscard]] Result<PostureOrder> posture_order_in(const flow::Envelope& envelope);
inline constexpr std::size_t kPostureOrdersMax = 64;  ///< in the switch's file
inline constexpr std::size_t kPostureFileBytesMax = std::size_t{1} << 20;

/// A signed order of the switch's file.
struct SignedOrder {
  flow::Envelope envelope;
  PostureOrder order;
};
/// The switch's file: a JSON array of envelopes as texts, one order after the other without a gap,
/// the newest last. So the log can be told of all, also of one that nobody looked at meanwhile.
/// Errors: Malformed "field-…", "posture-number" (a gap, or out of order); those of
/// posture_order_in().
[[nodiscard]] Result<std::vector<SignedOrder>> read_orders(std::string_view text);
[[nodiscard]] std::string orders_text(std::span<const SignedOrder> orders);

/// Whether the right people have signed: a policy officer or a data owner to tighten, two of them,
/// one a policy officer, to loosen. Errors: Forbidden "posture-signatures-few".
[[nodiscard]] Done check_posture_signatures(const flow::Envelope& order, const Signers& signers,
                                            bool loosens);

}  // namespace hangu::policy
