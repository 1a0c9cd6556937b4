#include "zone/deliver/acknowledged.hpp"

namespace hangu::zone {

std::set<TransferId> Acknowledged::of(const NodeId& node) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = nodes_.find(node); found != nodes_.end()) return found->second;
  Result<Links::Lease> links = links_.take();
  if (!links) return {};
  const auto rows = (*links)->custodian.list_node(node, kAcknowledgedMax);
  if (!rows) return {};
  std::set<TransferId> all;
  for (const ledger::Listed& row : *rows) all.insert(row.transfer);
  return nodes_.emplace(node, std::move(all)).first->second;
}

void Acknowledged::note(const NodeId& node, const TransferId& transfer) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = nodes_.find(node); found != nodes_.end()) found->second.insert(transfer);
}

}  // namespace hangu::zone
