#pragma once
// Demand: one thing of what obligations demand, so that two of them can be compared piece by piece.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/obligations.hpp"

namespace hangu::policy {

enum class DemandKind : std::uint8_t {
  declassify,              ///< value: the declassifier
  desensitise,             ///< the pack
  approvals,               ///< at least so many
  approver_role,           ///< the role
  distinct_organisations,  ///< no value
  size,                    ///< at most so many bytes
  objects,                 ///< at most so many
  per_day,
  contiguous_km2,
  carrier,    ///< not by this Carrier bit
  watermark,  ///< no value
  notify,     ///< the role
};
/// Its key in a rule's `require`: "approve.roles", "limit.size_mb"…
[[nodiscard]] std::string_view key_of(DemandKind kind);

struct Demand {
  DemandKind kind = DemandKind::watermark;
  std::uint64_t value = 0;
  auto operator<=>(const Demand&) const = default;
};

/// Everything that is demanded, in the order of DemandKind.
[[nodiscard]] std::vector<Demand> demands_in(const Obligations& obligations);
/// Those that demand this alone.
[[nodiscard]] Obligations obligations_of(const Demand& demand);
/// Whether they demand it, or more.
[[nodiscard]] bool demands(const Obligations& obligations, const Demand& demand);

}  // namespace hangu::policy
