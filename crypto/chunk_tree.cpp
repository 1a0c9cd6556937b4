#include "crypto/chunk_tree.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/limits.hpp"
#include "base/text.hpp"
#include "crypto/simd/leaf_lanes.hpp"

namespace hangu::crypto {
namespace {

constexpr std::byte kLeafPrefix{0x00};
constexpr std::byte kNodePrefix{0x01};
constexpr std::size_t kRunBytes = 4 * kChunkBytes;  ///< as many chunks as SHA-256 has lanes
constexpr std::string_view kTreeSuffix = "-tree";

Hash node_hash(HashAlgorithm algorithm, const Hash& left, const Hash& right) {
  std::array<std::byte, 65> node{};
  node[0] = kNodePrefix;
  std::ranges::copy(left, node.begin() + 1);
  std::ranges::copy(right, node.begin() + 33);
  return hash(algorithm, node);
}

Hash subtree(HashAlgorithm algorithm, std::span<const Hash> leaves) {
  if (leaves.size() == 1) return leaves.front();
  const std::size_t left = std::bit_floor(leaves.size() - 1);
  return node_hash(algorithm, subtree(algorithm, leaves.first(left)),
                   subtree(algorithm, leaves.subspan(left)));
}

std::unexpected<Error> digest_invalid(std::string_view text) {
  return fail(ErrorCode::malformed, "digest-invalid", printable(text, 120));
}

/// Decimal without leading zeros.
bool parse_size(std::string_view text, std::uint64_t& size) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string ObjectDigest::to_text() const {
  return std::string(crypto::to_text(algorithm)) + std::string(kTreeSuffix) + ":" +
         std::to_string(size) + ":" + to_hex(root);
}

Result<ObjectDigest> ObjectDigest::parse(std::string_view text) {
  const auto pieces = split(text, ':');
  if (pieces.size() != 3 || !pieces[0].ends_with(kTreeSuffix)) return digest_invalid(text);
  const auto algorithm =
      parse_hash_algorithm(pieces[0].substr(0, pieces[0].size() - kTreeSuffix.size()));
  const auto root = from_hex(pieces[2]);
  ObjectDigest digest;
  if (!algorithm || !root || root->size() != digest.root.size() ||
      !parse_size(pieces[1], digest.size) || digest.size > kObjectBytesMax)
    return digest_invalid(text);
  digest.algorithm = *algorithm;
  std::ranges::copy(*root, digest.root.begin());
  return digest;
}

std::uint64_t chunk_count(std::uint64_t size) {
  return size / kChunkBytes + (size % kChunkBytes != 0 ? 1 : 0);
}

Hash leaf_hash(HashAlgorithm algorithm, ByteView chunk) {
  return Hasher::of_thread(algorithm).update({&kLeafPrefix, 1}).update(chunk).finish();
}

void leaf_hashes(HashAlgorithm algorithm, ByteView chunks, std::vector<Hash>& leaves) {
  std::vector<ByteView> each;
  for (std::size_t at = 0; at < chunks.size(); at += kChunkBytes)
    each.push_back(chunks.subspan(at, std::min(kChunkBytes, chunks.size() - at)));
  leaf_hashes(algorithm, each, leaves);
}

void leaf_hashes(HashAlgorithm algorithm, std::span<const ByteView> chunks,
                 std::vector<Hash>& leaves) {
  while (!chunks.empty()) {
    const auto whole = static_cast<std::size_t>(
        std::ranges::find_if(chunks, [](ByteView c) { return c.size() != kChunkBytes; }) -
        chunks.begin());
    const std::size_t first = leaves.size();
    leaves.resize(first + whole);
    simd::leaf_hashes(algorithm, chunks.first(whole), std::span(leaves).subspan(first));
    if (whole < chunks.size()) leaves.push_back(leaf_hash(algorithm, chunks[whole]));
    chunks = chunks.subspan(std::min(whole + 1, chunks.size()));
  }
}

Hash tree_root(HashAlgorithm algorithm, std::span<const Hash> leaves) {
  return leaves.empty() ? hash(algorithm, {}) : subtree(algorithm, leaves);
}

void ChunkTree::update(ByteView bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    if (gathered_bytes_ == 0 && bytes.size() >= kRunBytes) {
      const ByteView whole = bytes.first(bytes.size() / kChunkBytes * kChunkBytes);
      leaf_hashes(algorithm_, whole, leaves_);
      bytes = bytes.subspan(whole.size());
      continue;
    }
    const ByteView head = bytes.first(std::min(bytes.size(), kRunBytes - gathered_bytes_));
    gather(head);
    bytes = bytes.subspan(head.size());
    if (gathered_bytes_ == kRunBytes) hash_gathered();
  }
}

void ChunkTree::gather(ByteView bytes) {
  const std::size_t wanted = gathered_bytes_ + bytes.size();
  if (wanted > gathered_.size()) gathered_.grow(std::min(kRunBytes, std::bit_ceil(wanted)));
  std::memcpy(gathered_.view().data() + gathered_bytes_, bytes.data(), bytes.size());
  gathered_bytes_ = wanted;
}

void ChunkTree::hash_gathered() {
  leaf_hashes(algorithm_, gathered_.view().first(gathered_bytes_), leaves_);
  gathered_bytes_ = 0;
}

ObjectDigest ChunkTree::finish() {
  hash_gathered();
  return {.algorithm = algorithm_, .size = size_, .root = tree_root(algorithm_, leaves_)};
}

ObjectDigest digest_of(HashAlgorithm algorithm, ByteView bytes) {
  std::vector<Hash> leaves;
  leaf_hashes(algorithm, bytes, leaves);
  return {.algorithm = algorithm, .size = bytes.size(), .root = tree_root(algorithm, leaves)};
}

Result<ChunkVerifier> ChunkVerifier::create(const ObjectDigest& digest, std::vector<Hash> leaves) {
  if (leaves.size() != chunk_count(digest.size) ||
      tree_root(digest.algorithm, leaves) != digest.root)
    return fail(ErrorCode::corrupt, "leaves-mismatch", digest.to_text());
  return ChunkVerifier(digest, std::move(leaves));
}

Result<ChunkVerifier> ChunkVerifier::parse(const ObjectDigest& digest, ByteView leaves) {
  const std::uint64_t chunks = chunk_count(digest.size);
  if (chunks <= 1)
    return create(digest, std::vector(static_cast<std::size_t>(chunks), digest.root));
  if (leaves.size() % sizeof(Hash) != 0)
    return fail(ErrorCode::corrupt, "leaves-mismatch", digest.to_text());
  std::vector<Hash> hashes(leaves.size() / sizeof(Hash));
  for (std::size_t i = 0; i < hashes.size(); ++i)
    std::ranges::copy(leaves.subspan(i * sizeof(Hash), sizeof(Hash)), hashes[i].begin());
  return create(digest, std::move(hashes));
}

Done ChunkVerifier::check(std::uint64_t index, ByteView chunk) const {
  return check_run(index, {&chunk, 1});
}

Done ChunkVerifier::check_run(std::uint64_t first, std::span<const ByteView> chunks) const {
  std::vector<Hash> found;
  leaf_hashes(digest_.algorithm, chunks, found);
  for (std::size_t i = 0; i < chunks.size(); ++i) {
    const std::uint64_t index = first + i;
    const bool fits = index < leaves_.size() &&
                      chunks[i].size() ==
                          std::min<std::uint64_t>(kChunkBytes, digest_.size - index * kChunkBytes);
    if (!fits || found[i] != leaves_[index])
      return fail(ErrorCode::corrupt, "chunk-mismatch",
                  digest_.to_text() + " chunk " + std::to_string(index));
  }
  return {};
}

}  // namespace hangu::crypto
