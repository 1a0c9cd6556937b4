#pragma once
// Fetches: who took which package, on the record before its first byte leaves.
// docs/protocols/audit-log.md §3, `transfer.fetched`.

#include <mutex>
#include <set>
#include <utility>

#include "flow/consignment.hpp"
#include "zone/half_log.hpp"

namespace hangu::zone {

/// Of these it is known that they are told; of others the log is asked again.
inline constexpr std::size_t kFetchesKnownMax = 100'000;

/// Thread: any.
class Fetches {
 public:
  Fetches(HalfLog& log, ZoneId zone) : log_(log), zone_(std::move(zone)) {}
  /// Tells that `node` fetches the package, once for each package and node: what it fetches again
  /// or in ranges is the same act. Errors: as HalfLog::append(); then nothing may be sent.
  [[nodiscard]] Done tell(const NodeId& node, const flow::Consignment& consignment);

 private:
  HalfLog& log_;
  ZoneId zone_;
  std::mutex mutex_;  // guards what follows
  std::set<std::pair<TransferId, NodeId>> known_;
};

}  // namespace hangu::zone
