#pragma once
// Limits over time: what a release takes of them is reserved before it is cleared, and stays
// reserved, whatever becomes of the transfer. docs/protocols/mosaic.md.

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "crypto/chunk_tree.hpp"
#include "policy/obligations.hpp"

namespace hangu::stages {

/// What one transfer asks of the limits over time.
struct OverTime {
  TransferId transfer;
  std::vector<NodeId> receivers;
  std::set<std::string> families;  ///< ids of its dataset classes
  policy::Limits limits;           ///< joined
  WallTime now;
  std::string facts{};                  ///< what inspect measured; where an area is limited
  crypto::ObjectDigest facts_digest{};  ///< of that text
};

/// Reserves for each receiver and family, all or (of an area) nothing. "ok", or the reason of a
/// refusal: "limit-per-day", "limit-contiguous-area", "footprint-unknown". The same transfer under
/// the same limits finds what it has reserved.
/// Errors: Unavailable, so that work waits: those of AuditClient and MosaicClient.
using Reserve = std::function<Result<std::string>(const OverTime&)>;

/// Whether anything has to be reserved.
[[nodiscard]] inline bool is_over_time(const policy::Limits& limits) {
  return limits.per_day.has_value() || limits.contiguous_km2.has_value();
}

}  // namespace hangu::stages
