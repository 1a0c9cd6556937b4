#include "zone/deliver/fetches.hpp"

namespace hangu::zone {

Done Fetches::tell(const NodeId& node, const flow::Consignment& consignment) {
  const std::pair act{consignment.transfer, node};
  {
    const std::lock_guard lock(mutex_);
    if (known_.contains(act)) return {};
  }
  HANGU_CHECK(log_.append("transfer.fetched", consignment.transfer,
                          {"fetched:" + consignment.transfer.text() + ":" + node.text()},
                          wire::JsonObject{{"node", node.text()},
                                           {"zone", zone_.text()},
                                           {"sealed", consignment.sealed.to_text()}}));
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kFetchesKnownMax) known_.clear();
  known_.insert(act);
  return {};
}

}  // namespace hangu::zone
