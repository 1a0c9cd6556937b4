#include "package/growing_tree.hpp"

#include <array>

namespace hangu::package {
namespace {

crypto::Hash node(crypto::HashAlgorithm algorithm, const crypto::Hash& left,
                  const crypto::Hash& right) {
  const std::array<crypto::Hash, 2> pair{left, right};
  return crypto::tree_root(algorithm, pair);  // of two: the node above them
}

}  // namespace

void GrowingTree::add(const crypto::Hash& leaf) {
  crypto::Hash top = leaf;
  for (std::uint64_t full = leaves_; (full & 1) != 0; full >>= 1) {
    top = node(algorithm_, edge_.back(), top);
    edge_.pop_back();
  }
  edge_.push_back(top);
  ++leaves_;
}

crypto::Hash GrowingTree::root() const {
  if (edge_.empty()) return crypto::tree_root(algorithm_, {});
  crypto::Hash top = edge_.back();
  for (std::size_t i = edge_.size() - 1; i > 0; --i) top = node(algorithm_, edge_[i - 1], top);
  return top;
}

}  // namespace hangu::package
