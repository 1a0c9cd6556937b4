#pragma once
// Acknowledged: which packages each node of the zone has acknowledged, so that a listing can say
// what still waits. The custodian's record counts; it is asked once a node, then followed.

#include <map>
#include <mutex>
#include <set>

#include "zone/links.hpp"

namespace hangu::zone {

/// Of one node; what exceeds it counts as not acknowledged.
inline constexpr std::size_t kAcknowledgedMax = 100'000;

/// Thread: any (one lock).
class Acknowledged {
 public:
  explicit Acknowledged(Links& links) : links_(links) {}
  /// What `node` has acknowledged; empty while the custodian cannot be asked.
  [[nodiscard]] std::set<TransferId> of(const NodeId& node);
  /// After the custodian took an acknowledgement.
  void note(const NodeId& node, const TransferId& transfer);

 private:
  Links& links_;
  std::mutex mutex_;
  std::map<NodeId, std::set<TransferId>> nodes_;  ///< those that were asked for
};

}  // namespace hangu::zone
