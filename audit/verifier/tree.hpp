#pragma once
// The verifier's own Merkle tree (RFC 6962, SHA-256 by Botan). It shares no code with the log's
// writer: two codes must agree about every byte.

#include <array>
#include <cstdint>
#include <optional>
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
  void add(const Hash& leaf) { add_subtree(leaf, 1); }
  /// A full subtree of `leaves`, a power of two that divides size().
  void add_subtree(const Hash& root, std::uint64_t leaves);
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

/// Whether `node` is node `index` of the `size` at its height in the tree of this root, by its
/// audit path from below (RFC 9162 §2.1.3.2): leaves, or full subtrees of 256 with the rest at the
/// end.
[[nodiscard]] bool leads_to(const Hash& node, std::uint64_t index, std::uint64_t size,
                            std::span<const Hash> path, const Hash& root);

[[nodiscard]] std::string to_base64(std::string_view bytes);
/// False when `text` is not padded standard base64.
[[nodiscard]] bool from_base64(std::string_view text, std::string& bytes);
[[nodiscard]] std::string to_hex(const Hash& hash);
[[nodiscard]] std::string to_hex_text(std::string_view bytes);
/// Nothing when `text` is not 64 lower-case hex digits.
[[nodiscard]] std::optional<Hash> hash_from_hex(std::string_view text);
/// Nothing when there are not 32 bytes.
[[nodiscard]] std::optional<Hash> hash_from(std::string_view bytes);
[[nodiscard]] std::string_view text_of(const Hash& hash);
[[nodiscard]] std::span<const std::uint8_t> octets(std::string_view text);

}  // namespace hangu_verify
