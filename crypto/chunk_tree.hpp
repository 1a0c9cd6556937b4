#pragma once
// The chunk tree: how objects are named. A Merkle tree over 1 MiB chunks.
//
//   leaf = H(0x00 ‖ chunk)   node = H(0x01 ‖ left ‖ right)   empty object: root = H("")
//
// The last chunk may be short; an odd node at a level is paired as in RFC 6962 (the left subtree
// holds the largest power of two of leaves). docs/protocols/crypto.md §2 has vectors.

#include <cstdint>
#include <string>
#include <vector>

#include "base/page_buffer.hpp"
#include "crypto/hash.hpp"

namespace hangu::crypto {

/// ObjectDigest names an object's bytes: algorithm, size in bytes, tree root.
struct ObjectDigest {
  HashAlgorithm algorithm = HashAlgorithm::sha256;
  std::uint64_t size = 0;
  Hash root{};

  /// "sha256-tree:<size>:<64 hex>" or "sm3-tree:…".
  [[nodiscard]] std::string to_text() const;
  /// Errors: Malformed "digest-invalid".
  [[nodiscard]] static Result<ObjectDigest> parse(std::string_view text);
  auto operator<=>(const ObjectDigest&) const = default;
};

/// Number of leaves of an object: 0 for the empty one.
[[nodiscard]] std::uint64_t chunk_count(std::uint64_t size);
[[nodiscard]] Hash leaf_hash(HashAlgorithm algorithm, ByteView chunk);
/// Leaves of many whole chunks at once, in SIMD lanes where the processor has them; `chunks` is
/// contiguous, every chunk kChunkBytes long but the last. Appends to `leaves`.
void leaf_hashes(HashAlgorithm algorithm, ByteView chunks, std::vector<Hash>& leaves);
/// The same of chunks that stand apart in memory, of any length each; those of kChunkBytes go into
/// the lanes.
void leaf_hashes(HashAlgorithm algorithm, std::span<const ByteView> chunks,
                 std::vector<Hash>& leaves);
[[nodiscard]] Hash tree_root(HashAlgorithm algorithm, std::span<const Hash> leaves);

/// ChunkTree computes the tree of a stream given in pieces of any size. Keeps up to four chunks,
/// which are hashed side by side, and 32 bytes per MiB of input. Thread: one at a time.
class ChunkTree {
 public:
  explicit ChunkTree(HashAlgorithm algorithm) : algorithm_(algorithm) {}
  void update(ByteView bytes);
  /// The digest of all bytes so far; call once, at the end.
  [[nodiscard]] ObjectDigest finish();
  /// All of them, once finished.
  [[nodiscard]] const std::vector<Hash>& leaves() const { return leaves_; }

 private:
  void gather(ByteView bytes);
  void hash_gathered();

  HashAlgorithm algorithm_;
  std::uint64_t size_ = 0;
  PageBuffer gathered_;
  std::size_t gathered_bytes_ = 0;
  std::vector<Hash> leaves_;
};

[[nodiscard]] ObjectDigest digest_of(HashAlgorithm algorithm, ByteView bytes);

/// An object's tree with its leaves.
struct HashedObject {
  ObjectDigest digest;
  std::vector<Hash> leaves;
};

/// Hashes a whole file through pread on `threads` threads (0 = all cores), with at most 64 MiB of
/// buffers.
/// `descriptor` is borrowed and must be readable. Errors: Internal "read-failed".
[[nodiscard]] Result<HashedObject> hash_file(int descriptor, HashAlgorithm algorithm,
                                             unsigned threads = 0);

/// ChunkVerifier checks chunks of a named object one at a time, in any order.
class ChunkVerifier {
 public:
  /// Errors: Corrupt "leaves-mismatch" when the leaves do not make the root or their number does
  /// not fit the size.
  [[nodiscard]] static Result<ChunkVerifier> create(const ObjectDigest& digest,
                                                    std::vector<Hash> leaves);
  /// From the leaves as they are stored, one behind the other; of an object of at most one chunk
  /// they say nothing that the digest does not. Errors: as create().
  [[nodiscard]] static Result<ChunkVerifier> parse(const ObjectDigest& digest, ByteView leaves);
  /// Errors: Corrupt "chunk-mismatch".
  [[nodiscard]] Done check(std::uint64_t index, ByteView chunk) const;
  /// Chunks first, first + 1, … at once, in SIMD lanes. Errors: as check().
  [[nodiscard]] Done check_run(std::uint64_t first, std::span<const ByteView> chunks) const;
  [[nodiscard]] const ObjectDigest& digest() const { return digest_; }

 private:
  ChunkVerifier(const ObjectDigest& digest, std::vector<Hash> leaves)
      : digest_(digest), leaves_(std::move(leaves)) {}
  ObjectDigest digest_;
  std::vector<Hash> leaves_;
};

}  // namespace hangu::crypto
