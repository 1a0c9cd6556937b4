#pragma once
// GrowingTree: a chunk tree that takes its leaves in order and keeps only its right edge, so that
// memory does not grow with the object (a list of leaves is 32 MiB per TiB).

#include <cstdint>
#include <vector>

#include "crypto/chunk_tree.hpp"

namespace hangu::package {

class GrowingTree {
 public:
  explicit GrowingTree(crypto::HashAlgorithm algorithm) : algorithm_(algorithm) {}
  void add(const crypto::Hash& leaf);
  [[nodiscard]] std::uint64_t leaves() const { return leaves_; }
  /// The root over all leaves so far.
  [[nodiscard]] crypto::Hash root() const;

 private:
  crypto::HashAlgorithm algorithm_;
  std::uint64_t leaves_ = 0;
  std::vector<crypto::Hash> edge_;  // roots of full subtrees, one for each set bit of leaves_
};

}  // namespace hangu::package
