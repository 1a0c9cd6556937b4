#include "audit/witness/published_proof.hpp"

#include "audit/reading/published_tiles.hpp"

namespace hangu::audit {

Result<std::vector<Hash>> published_consistency(const Folder& root, std::uint64_t first,
                                                const TreeHead& second) {
  const PublishedTiles tree(root, second.size);
  HANGU_TRY(std::vector<Hash> path, consistency_path(tree, first, second.size));
  HANGU_TRY(const Hash first_root, root_of(tree, first));
  if (!verify_consistency({.size = first, .root = first_root}, second, path)) {
    return fail(ErrorCode::corrupt, "audit-tiles-corrupt",
                "they do not lead to the root of size " + std::to_string(second.size));
  }
  return path;
}

Result<bool> is_start_of(const Folder& root, const TreeHead& first, const TreeHead& second) {
  if (first.size > second.size) return false;
  if (first.size == 0) return true;
  HANGU_TRY(const std::vector<Hash> path, published_consistency(root, first.size, second));
  return verify_consistency(first, second, path).has_value();
}

}  // namespace hangu::audit
