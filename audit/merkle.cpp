#include "audit/merkle.hpp"

#include <algorithm>
#include <bit>

#include "audit/limits.hpp"

namespace hangu::audit {
namespace {

constexpr std::byte kLeafPrefix{0};
constexpr std::byte kNodePrefix{1};

/// One stream for each thread: making one costs as much as hashing a small entry.
crypto::Hasher& hasher() {
  thread_local crypto::Hasher stream(crypto::HashAlgorithm::sha256);
  return stream;
}

/// The largest power of two below `n`, which is at least 2.
std::uint64_t split_of(std::uint64_t n) { return std::bit_floor(n - 1); }

/// MTH(D[lo:hi]) of RFC 6962 §2.1, hi > lo; lo is a multiple of a power of two >= hi - lo.
Result<Hash> subtree(const NodeSource& source, std::uint64_t lo, std::uint64_t hi) {
  const std::uint64_t n = hi - lo;
  if (std::has_single_bit(n)) {
    const auto height = static_cast<unsigned>(std::countr_zero(n));
    return source.node(height, lo >> height);
  }
  const std::uint64_t k = split_of(n);
  HANGU_TRY(const Hash left, subtree(source, lo, lo + k));
  HANGU_TRY(const Hash right, subtree(source, lo + k, hi));
  return node_hash(left, right);
}

std::unexpected<Error> out_of_range() { return fail(ErrorCode::malformed, "proof-range"); }
std::unexpected<Error> invalid(const char* why) {
  return fail(ErrorCode::forbidden, "proof-invalid", why);
}

/// Where a walk from a node to the root stands: the node's number in its level, and the last one.
struct Climb {
  std::uint64_t from;
  std::uint64_t last;

  [[nodiscard]] bool takes_from_left() const { return (from & 1U) != 0 || from == last; }
  void up() {
    from >>= 1U;
    last >>= 1U;
  }
  /// A right-most node without a sibling rises unchanged.
  void skip_lonely() {
    while ((from & 1U) == 0 && from != 0) up();
  }
};

}  // namespace

Hash leaf_hash(ByteView entry) { return hasher().update({&kLeafPrefix, 1}).update(entry).finish(); }

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<std::byte, 1 + 2 * sizeof(Hash)> input{};
  input[0] = kNodePrefix;
  std::ranges::copy(left, input.begin() + 1);
  std::ranges::copy(right, input.begin() + 1 + sizeof(Hash));
  return hasher().update(input).finish();
}

Hash empty_root() { return crypto::hash(crypto::HashAlgorithm::sha256, {}); }

Result<Hash> hash_from(ByteView bytes) {
  Hash hash{};
  if (bytes.size() != hash.size()) return fail(ErrorCode::malformed, "hash-invalid");
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

Result<Hash> hash_from_hex(std::string_view digits) {
  HANGU_TRY(const Bytes bytes, from_hex(digits));
  return hash_from(bytes);
}

Result<Frontier> Frontier::of(const NodeSource& source, std::uint64_t size) {
  Frontier frontier;
  for (std::uint64_t left = size; left > 0;) {
    const std::uint64_t covered = std::bit_floor(left);
    const auto height = static_cast<unsigned>(std::countr_zero(covered));
    HANGU_TRY(const Hash peak, source.node(height, frontier.size_ >> height));
    frontier.peaks_.push_back(peak);
    frontier.size_ += covered;
    left -= covered;
  }
  return frontier;
}

void Frontier::append(const Hash& leaf) {
  Hash hash = leaf;
  for (std::uint64_t bits = size_; (bits & 1U) != 0; bits >>= 1U) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
  }
  peaks_.push_back(hash);
  ++size_;
}

Hash Frontier::root() const {
  if (peaks_.empty()) return empty_root();
  Hash hash = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i > 0; --i) hash = node_hash(peaks_[i - 1], hash);
  return hash;
}

Result<Hash> root_of(const NodeSource& source, std::uint64_t size) {
  if (size == 0) return empty_root();
  return subtree(source, 0, size);
}

Result<std::vector<Hash>> inclusion_path(const NodeSource& source, std::uint64_t index,
                                         std::uint64_t size) {
  if (index >= size) return out_of_range();
  std::vector<Hash> path;  // from the root down
  std::uint64_t lo = 0;
  std::uint64_t hi = size;
  while (hi - lo > 1) {
    const std::uint64_t middle = lo + split_of(hi - lo);
    const bool left = index < middle;
    HANGU_TRY(const Hash sibling, left ? subtree(source, middle, hi) : subtree(source, lo, middle));
    path.push_back(sibling);
    (left ? hi : lo) = middle;
  }
  std::ranges::reverse(path);
  return path;
}

Result<std::vector<Hash>> consistency_path(const NodeSource& source, std::uint64_t first,
                                           std::uint64_t second) {
  if (first == 0 || first > second) return out_of_range();
  std::vector<Hash> path;  // from the root down
  std::uint64_t m = first;
  std::uint64_t lo = 0;
  std::uint64_t hi = second;
  bool known = true;  // the verifier has the root of [0, first) already
  while (m != hi - lo) {
    const std::uint64_t k = split_of(hi - lo);
    if (m <= k) {
      HANGU_TRY(const Hash right, subtree(source, lo + k, hi));
      path.push_back(right);
      hi = lo + k;
    } else {
      HANGU_TRY(const Hash left, subtree(source, lo, lo + k));
      path.push_back(left);
      m -= k;
      lo += k;
      known = false;
    }
  }
  if (!known) {
    HANGU_TRY(const Hash rest, subtree(source, lo, hi));
    path.push_back(rest);
  }
  std::ranges::reverse(path);
  return path;
}

Done verify_inclusion(const Hash& leaf, std::uint64_t index, const TreeHead& head,
                      std::span<const Hash> path) {
  if (index >= head.size) return invalid("entry beyond the tree");
  if (path.size() > kProofHashesMax) return invalid("too long");
  Climb climb{.from = index, .last = head.size - 1};
  Hash hash = leaf;
  for (const Hash& sibling : path) {
    if (climb.last == 0) return invalid("too long");
    if (climb.takes_from_left()) {
      hash = node_hash(sibling, hash);
      climb.skip_lonely();
    } else {
      hash = node_hash(hash, sibling);
    }
    climb.up();
  }
  if (climb.last != 0) return invalid("too short");
  if (hash != head.root) return invalid("another root");
  return {};
}

Done verify_consistency(const TreeHead& first, const TreeHead& second, std::span<const Hash> path) {
  if (first.size == 0) return invalid("an empty tree proves nothing");
  if (first.size > second.size) return invalid("the tree shrank");
  if (first.size == second.size) {
    if (!path.empty()) return invalid("too long");
    if (first.root != second.root) return invalid("another root");
    return {};
  }
  if (path.empty()) return invalid("too short");
  if (path.size() > kProofHashesMax) return invalid("too long");
  Climb climb{.from = first.size - 1, .last = second.size - 1};
  while ((climb.from & 1U) != 0) climb.up();
  Hash old_root = first.root;
  if (!std::has_single_bit(first.size)) {
    old_root = path.front();
    path = path.subspan(1);
  }
  Hash new_root = old_root;
  for (const Hash& sibling : path) {
    if (climb.last == 0) return invalid("too long");
    if (climb.takes_from_left()) {
      old_root = node_hash(sibling, old_root);
      new_root = node_hash(sibling, new_root);
      climb.skip_lonely();
    } else {
      new_root = node_hash(new_root, sibling);
    }
    climb.up();
  }
  if (climb.last != 0) return invalid("too short");
  if (old_root != first.root || new_root != second.root) return invalid("another root");
  return {};
}

}  // namespace hangu::audit
