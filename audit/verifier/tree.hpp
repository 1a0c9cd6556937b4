#pragma once
// The verifier's own Merkle tree (RFC 6962, SHA-256 by Botan). It shares no code with the log's
// writer: two codes must agree about every byte.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hangu_verify {

using Hash = std::array<std::uint8_t, 32>;

[[nodiscard]] Hash hash_empty();
[[nodiscard]] Hash hash_leaf(std::string_view entry);
[[nodiscard]] Hash hash_node(const Hash& left, const Hash& right);

/// Frontier is a growing tree (RFC 6962 §2.1) as the stack of its full subtrees. Thread: one.
class Frontier {
 public:
  void add(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Hash root() const;

 private:
  struct Subtree {
    Hash root;
    std::uint64_t leaves;
  };
  std::vector<Subtree> stack_;
  std::uint64_t size_ = 0;
};

/// Root of a tree of these leaves.
[[nodiscard]] Hash root_of(std::span<const Hash> leaves);

/// Hash tiles of a log of these leaves, level by level: tiles[l] holds all hashes of level l, where
/// each hash of level l+1 is the root of 256 of level l (C2SP tlog-tiles).
[[nodiscard]] std::vector<std::vector<Hash>> tile_levels(std::vector<Hash> leaves);

[[nodiscard]] std::string to_base64(std::string_view bytes);
/// False when `text` is not padded standard base64.
[[nodiscard]] bool from_base64(std::string_view text, std::string& bytes);
[[nodiscard]] std::string to_hex(const Hash& hash);

}  // namespace hangu_verify
