#pragma once
// The Merkle tree of RFC 6962 §2.1 over SHA-256: leaves, roots, inclusion and consistency proofs.
//
// leaf(d) = SHA256(00 ‖ d), node(l, r) = SHA256(01 ‖ l ‖ r), the empty tree is SHA256("").

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/hash.hpp"

namespace hangu::audit {

using crypto::Hash;

[[nodiscard]] Hash leaf_hash(ByteView entry);
[[nodiscard]] Hash node_hash(const Hash& left, const Hash& right);
[[nodiscard]] Hash empty_root();
/// Exactly 32 bytes, or Malformed "hash-invalid".
[[nodiscard]] Result<Hash> hash_from(ByteView bytes);
/// Exactly 64 hex digits, or Malformed "hex-invalid", "hash-invalid".
[[nodiscard]] Result<Hash> hash_from_hex(std::string_view digits);

class NodeSource;

/// Frontier is the right edge of a growing tree: the roots of its full subtrees, largest first.
/// Memory: 64 hashes at most. Thread: one.
class Frontier {
 public:
  /// That of the first `size` entries, from hashes that are there. Errors: the source's.
  [[nodiscard]] static Result<Frontier> of(const NodeSource& source, std::uint64_t size);

  void append(const Hash& leaf);
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
};

/// NodeSource gives the roots of full subtrees: node `index` of height `height` covers the entries
/// [index·2^height, (index+1)·2^height), all of which exist.
class NodeSource {
 public:
  virtual ~NodeSource() = default;
  /// Errors: Corrupt or Unavailable when a stored hash cannot be had.
  [[nodiscard]] virtual Result<Hash> node(unsigned height, std::uint64_t index) const = 0;
};

/// The root of the first `size` entries.
[[nodiscard]] Result<Hash> root_of(const NodeSource& source, std::uint64_t size);
/// The audit path of entry `index` in the tree of `size`, leaf to root.
/// Errors: Malformed "proof-range" when index >= size; those of the source.
[[nodiscard]] Result<std::vector<Hash>> inclusion_path(const NodeSource& source,
                                                       std::uint64_t index, std::uint64_t size);
/// The proof that the tree of `first` entries is the start of that of `second`; empty when equal.
/// Errors: Malformed "proof-range" unless 0 < first <= second; those of the source.
[[nodiscard]] Result<std::vector<Hash>> consistency_path(const NodeSource& source,
                                                         std::uint64_t first, std::uint64_t second);

/// A tree as a checkpoint names it.
struct TreeHead {
  std::uint64_t size = 0;
  Hash root{};
  bool operator==(const TreeHead&) const = default;
};

/// Errors: Forbidden "proof-invalid". Source: RFC 9162 §2.1.3.2.
[[nodiscard]] Done verify_inclusion(const Hash& leaf, std::uint64_t index, const TreeHead& head,
                                    std::span<const Hash> path);
/// Errors: Forbidden "proof-invalid", also for an empty first tree: nothing is proved by it.
/// Source: RFC 9162 §2.1.4.2.
[[nodiscard]] Done verify_consistency(const TreeHead& first, const TreeHead& second,
                                      std::span<const Hash> path);

}  // namespace hangu::audit
