#pragma once
// The tree as the hash tiles tell it. Nothing read here is proven by itself: what comes of it has
// to lead to a signed root.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "audit/verifier/log_files.hpp"
#include "audit/verifier/tree.hpp"

namespace hangu_verify {

/// Thread: one.
class TileTree {
 public:
  TileTree(const LogFiles& files, std::uint64_t size) : files_(files), size_(size) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }
  /// Root over the entries [from, to), where a tree of the whole has a node; nothing when a tile is
  /// missing or of another length: see unread().
  [[nodiscard]] std::optional<Hash> root(std::uint64_t from, std::uint64_t to);
  /// Over the first `size` entries, from hashes that also make `whole`; nothing when they do not,
  /// or a tile cannot be read.
  [[nodiscard]] std::optional<Hash> prefix(std::uint64_t size, const Hash& whole);
  /// The tree of the first `size` entries, whole bundles.
  [[nodiscard]] std::optional<Frontier> frontier(std::uint64_t size);
  /// The audit path of bundle `number` as one node among all bundles: see leads_to().
  [[nodiscard]] std::optional<std::vector<Hash>> path_of_bundle(std::uint64_t number);
  /// The first file that could not be read.
  [[nodiscard]] const std::string& unread() const { return unread_; }

 private:
  struct Both {
    Hash beginning{};  ///< over those of the part that lie before a size
    Hash all{};
  };
  std::optional<Both> both(std::uint64_t from, std::uint64_t to, std::uint64_t size);
  std::optional<Hash> full(unsigned height, std::uint64_t index);
  const std::string* tile(unsigned level, std::uint64_t number);

  const LogFiles& files_;
  std::uint64_t size_;
  std::map<std::pair<unsigned, std::uint64_t>, std::string> tiles_;
  std::string unread_;
};

/// Largest power of two below `n`, which is at least 2: where a tree of n leaves is split.
[[nodiscard]] std::uint64_t split_of(std::uint64_t n);

}  // namespace hangu_verify
