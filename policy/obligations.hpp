#pragma once
// Obligations: what must be done and kept so that a permit holds. Those of all permits that match
// are joined, and the strictest wins: joining never weakens.

#include <cstdint>
#include <optional>
#include <string_view>

#include "policy/names.hpp"

namespace hangu::policy {

/// How data may go: a bit each.
enum class Carrier : std::uint8_t { online = 1, one_way = 2, media = 4 };
inline constexpr std::uint8_t kAnyCarrier = 7;

/// Upper bounds; absent: none.
struct Limits {
  std::optional<std::uint64_t> bytes;           ///< of a transfer's objects together
  std::optional<std::uint64_t> objects;         ///< of a transfer
  std::optional<std::uint64_t> per_day;         ///< transfers to one receiver on one day
  std::optional<std::uint64_t> contiguous_km2;  ///< cumulative, a receiver and dataset family
  bool operator==(const Limits&) const = default;
};

struct Obligations {
  NameSet declassifiers;                ///< each must have run
  NameSet packs;                        ///< rule packs to desensitise by
  std::uint32_t approvals = 0;          ///< distinct people, 0..kApprovalsMax
  NameSet approver_roles;               ///< each filled by a different human
  bool distinct_organisations = false;  ///< at most one of them an organisation
  Limits limits;
  std::uint8_t carriers = kAnyCarrier;  ///< Carrier bits; none left: nothing can carry it
  bool watermark = false;               ///< a fingerprint of the receiver
  NameSet notify;                       ///< roles that are told

  /// The strictest of both, of each.
  void join(const Obligations& other);
  bool operator==(const Obligations&) const = default;
};

/// The reason for which a gateway of this version refuses what these demand, since it cannot carry
/// it out: "carrier-refused", "declassifier-missing", "obligation-unavailable". Nothing when it
/// can.
[[nodiscard]] std::optional<std::string_view> refusal_of(const Obligations& obligations);

/// Joining `other` would change nothing.
[[nodiscard]] bool demands_all_of(const Obligations& obligations, const Obligations& other);

}  // namespace hangu::policy
