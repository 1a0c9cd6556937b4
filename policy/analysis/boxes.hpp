#pragma once
// How boxes lie to each other, column by column. "True" holds for every request; "false" may be too
// cautious: calendars and area sets are compared by name, prefixes one by one.

#include <vector>

#include "policy/rule.hpp"

namespace hangu::policy {

/// Every request that the permit `inner` holds, the permit `outer` holds.
[[nodiscard]] bool permit_within(const Box& inner, const Box& outer);

/// Every request that the permit holds, the forbid touches.
[[nodiscard]] bool permit_under(const Box& permit, const Box& forbid);

/// Every request that the forbid `inner` touches, the forbid `outer` touches.
[[nodiscard]] bool forbid_within(const Box& inner, const Box& outer);

/// Every request that both permits hold, the permit `outer` holds.
[[nodiscard]] bool both_within(const Box& one, const Box& other, const Box& outer);

/// Some request may be held by both permits.
[[nodiscard]] bool permits_overlap(const Box& one, const Box& other);

}  // namespace hangu::policy
