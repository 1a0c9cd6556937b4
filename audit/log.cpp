#include "audit/log.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace hangu::audit {
namespace {

std::unexpected<Error> tiles_corrupt(std::string context) {
  return fail(ErrorCode::corrupt, "audit-tiles-corrupt", std::move(context));
}

}  // namespace

Log::Log(std::unique_ptr<Folder> root, std::shared_ptr<const NoteSigner> signer, Journal journal,
         TileHashes hashes, const LogLimits& limits)
    : root_(std::move(root)),
      signer_(std::move(signer)),
      journal_(std::move(journal)),
      limits_(limits),
      hashes_(std::move(hashes)) {}

Done Log::ready() const {
  if (dead_) return fail(ErrorCode::corrupt, "audit-dead");
  if (tail_.memory() > limits_.unpublished_bytes_max) {
    return fail(ErrorCode::unavailable, "audit-behind", "publishing does not keep up");
  }
  const Result<std::uint64_t> free = root_->free_bytes();
  if (free && *free >= limits_.disk_reserve_bytes) return {};
  return fail(ErrorCode::exhausted, "audit-disk-reserve",
              free ? std::to_string(*free) + " bytes free" : free.error().message());
}

Result<std::vector<Hash>> Log::commit(EntryBatch entries) {
  if (dead_) return fail(ErrorCode::corrupt, "audit-dead");
  HANGU_ASSERT(!entries.empty() && entries.size() <= kBatchEntriesMax);
  std::vector<Hash> leaves;
  leaves.reserve(entries.size());
  Frontier frontier = frontier_;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    HANGU_ASSERT(entries[i].size() <= kEntryBytesMax);
    leaves.push_back(leaf_hash(entries[i]));
    frontier.append(leaves.back());
  }
  const Checkpoint checkpoint{.origin = signer_->key().name(),
                              .head = {.size = frontier.size(), .root = frontier.root()}};
  dead_ = true;  // until all of this succeeded
  const std::array<const NoteSigner*, 2> signers{signer_.get(), also_};
  HANGU_TRY(std::string note,
            sign_note(checkpoint.to_text(), std::span(signers).first(also_ == nullptr ? 1 : 2)));
  Commit commit{.head = checkpoint.head, .previous = journal_.previous(), .note = std::move(note)};
  HANGU_CHECK(journal_.append(head_.size, entries.size(), entries.bundle(), commit));
  head_ = commit.head;
  note_ = std::move(commit.note);
  frontier_ = std::move(frontier);
  for (const Hash& leaf : leaves) hashes_.append(leaf);
  tail_.add(std::move(entries));
  dead_ = false;
  return leaves;
}

Done Log::check_range(std::uint64_t first, std::uint64_t end) const {
  if (first >= end || end > head_.size) return fail(ErrorCode::malformed, "proof-range");
  if (first < limits_.pruned_before)
    return fail(ErrorCode::malformed, "entry-pruned", "entry " + std::to_string(first));
  return {};
}

/// Views of a full bundle's entries, until the shelf is asked again.
Result<std::vector<ByteView>> Log::bundle(std::uint64_t number) const {
  const Tile tile{.level = std::nullopt, .number = number};
  HANGU_TRY(const ByteView bytes, shelf_->read(tile));
  auto entries = parse_bundle(bytes, kTileWidth);
  if (!entries) return tiles_corrupt(tile.path());
  return entries;
}

Result<Bytes> Log::entry(std::uint64_t index) const {
  HANGU_CHECK(check_range(index, index + 1));
  if (index >= tail_.first()) return to_bytes(tail_[index]);
  HANGU_TRY(const std::vector<ByteView> entries, bundle(index / kTileWidth));
  return to_bytes(entries[static_cast<std::size_t>(index % kTileWidth)]);
}

Done Log::visit(std::uint64_t first, std::uint64_t end, const VisitEntry& visit) const {
  if (first == end) return {};
  HANGU_CHECK(check_range(first, end));
  std::uint64_t at = first;
  while (at < std::min(end, tail_.first())) {  // ends: each turn passes a bundle
    HANGU_TRY(const std::vector<ByteView> entries, bundle(at / kTileWidth));
    const std::uint64_t stop = std::min(end, (at / kTileWidth + 1) * kTileWidth);
    for (; at < stop; ++at)
      HANGU_CHECK(visit(at, entries[static_cast<std::size_t>(at % kTileWidth)]));
  }
  for (; at < end; ++at) HANGU_CHECK(visit(at, tail_[at]));
  return {};
}

Result<Bytes> Log::proved_entry(std::uint64_t index) const {
  HANGU_TRY(Bytes stored, entry(index));
  HANGU_TRY(const std::vector<Hash> path, prove_stored(stored, index, head_.size));
  static_cast<void>(path);  // that there is one is the proof
  return stored;
}

Result<Frontier> Log::frontier_at(std::uint64_t size) const {
  if (size > head_.size) return fail(ErrorCode::malformed, "proof-range");
  return Frontier::of(hashes_, size);
}

Result<bool> Log::contains(const TreeHead& head) const {
  if (head.size > head_.size) return false;
  if (head.size == 0) return head.root == empty_root();
  if (head.size == head_.size) return head.root == head_.root;
  HANGU_TRY(const std::vector<Hash> path, prove_consistency(head.size, head_.size));
  return verify_consistency(head, head_, path).has_value();
}

Result<std::vector<Hash>> Log::prove(std::uint64_t index, std::uint64_t size) const {
  if (size > head_.size) return fail(ErrorCode::malformed, "proof-range");
  HANGU_TRY(const Bytes stored, entry(index));
  return prove_stored(stored, index, size);
}

/// Hashes and bytes read from files are nobody's word until they lead to the root.
Result<std::vector<Hash>> Log::prove_stored(ByteView stored, std::uint64_t index,
                                            std::uint64_t size) const {
  HANGU_TRY(std::vector<Hash> path, inclusion_path(hashes_, index, size));
  Hash root = head_.root;
  if (size != head_.size) {
    HANGU_TRY(root, root_of(hashes_, size));
  }
  if (!verify_inclusion(leaf_hash(stored), index, {.size = size, .root = root}, path)) {
    return tiles_corrupt("entry " + std::to_string(index));
  }
  return path;
}

Result<std::vector<Hash>> Log::prove_consistency(std::uint64_t first, std::uint64_t second) const {
  if (second > head_.size) return fail(ErrorCode::malformed, "proof-range");
  HANGU_TRY(std::vector<Hash> path, consistency_path(hashes_, first, second));
  HANGU_TRY(const Hash first_root, root_of(hashes_, first));
  HANGU_TRY(const Hash second_root, root_of(hashes_, second));
  if (!verify_consistency({.size = first, .root = first_root},
                          {.size = second, .root = second_root}, path)) {
    return tiles_corrupt("consistency");
  }
  return path;
}

void Log::published(std::uint64_t size) {
  HANGU_ASSERT(size >= published_size_ && size <= head_.size);
  published_size_ = size;
  hashes_.release(size);
  tail_.release(size / kTileWidth * kTileWidth);
}

}  // namespace hangu::audit
