#include "audit/publisher.hpp"

#include <algorithm>

namespace hangu::audit {
namespace {

constexpr const char* kCheckpoint = "checkpoint";

std::unexpected<Error> corrupt(std::string_view reason, std::string context) {
  return fail(ErrorCode::corrupt, reason, std::move(context));
}

}  // namespace

Publisher::Publisher(std::unique_ptr<Folder> root, Published published)
    : root_(std::move(root)),
      head_{.size = published.frontier.size(), .root = published.frontier.root()},
      frontier_(std::move(published.frontier)),
      hashes_(std::move(published.hashes)),
      bundle_(std::move(published.bundle)),
      segment_(published.segment),
      offset_(published.offset),
      segment_bytes_max_(published.segment_bytes_max),
      disk_reserve_(published.disk_reserve),
      spare_(segment_bytes_max_),
      looked_at_(offset_),
      files_(*root_) {}

Result<TreeHead> Publisher::publish(std::uint64_t size) {
  if (size == head_.size) return head_;
  HANGU_CHECK(follow(size));
  HANGU_CHECK(put_partial_tiles());
  HANGU_CHECK(files_.settle());
  HANGU_CHECK(files_.settle_names());
  for (const Tile& tile : completed_) HANGU_CHECK(files_.remove_partials(tile));
  HANGU_CHECK(put_checkpoint());
  head_ = {.size = frontier_.size(), .root = frontier_.root()};
  hashes_.release(head_.size);
  completed_.clear();
  HANGU_CHECK(drop_segments());
  return head_;
}

Done Publisher::look_ahead(const std::function<bool()>& go_on) {
  if (!reader_ || reader_->offset() < spare_from(segment_bytes_max_)) return {};
  HANGU_TRY(const std::uint64_t free, root_->free_bytes());
  HANGU_TRY(const std::unique_ptr<Folder> journal, root_->subfolder("journal"));
  if (free < kDiskAlarmTimes * disk_reserve_ + segment_bytes_max_) return spare_.drop(*journal);
  // Twice what the round took from the journal: the spare is ready before the segment is full.
  const std::uint64_t written = reader_->offset() - std::min(reader_->offset(), looked_at_);
  looked_at_ = reader_->offset();
  Done made = spare_.lay_out(*journal, std::max(kSpareRoundBytes, 2 * written), go_on);
  if (made || made.error().code() != ErrorCode::exhausted) return made;
  return {};  // others filled the disk meanwhile: the log can do without
}

Done Publisher::follow(std::uint64_t size) {
  while (frontier_.size() < size) {  // ends: every batch adds at least one entry
    HANGU_TRY(const Batch batch, next_batch());
    HANGU_CHECK(add_batch(batch));
  }
  if (frontier_.size() != size) {
    return corrupt("audit-journal-corrupt", "no batch ends at " + std::to_string(size));
  }
  return {};
}

Result<Batch> Publisher::next_batch() {
  HANGU_TRY(const std::unique_ptr<Folder> journal, root_->subfolder("journal"));
  if (!reader_) {
    HANGU_TRY(reader_, JournalReader::open(*journal, segment_));
    reader_->seek(offset_);
  }
  HANGU_TRY(std::optional<Batch> batch, reader_->next());
  if (!batch) {  // the segment is full; the next one begins where the log stands
    segment_ = frontier_.size();
    looked_at_ = 0;
    HANGU_TRY(reader_, JournalReader::open(*journal, segment_));
    HANGU_TRY(batch, reader_->next());
  }
  if (!batch) return corrupt("audit-journal-corrupt", "a batch cannot be read back");
  return *std::move(batch);
}

Done Publisher::add_batch(const Batch& batch) {
  if (batch.first != frontier_.size() || batch.count == 0) {
    return corrupt("audit-journal-corrupt", "batch out of order");
  }
  HANGU_TRY(const std::vector<ByteView> entries, parse_bundle(batch.bundle, batch.count));
  for (const ByteView entry : entries) {
    const Hash leaf = leaf_hash(entry);
    frontier_.append(leaf);
    hashes_.append(leaf);
    append_to_bundle(bundle_, entry);
    if (frontier_.size() % kTileWidth == 0) HANGU_CHECK(put_full_tiles());
  }
  const TreeHead& head = batch.commit.head;
  if (head.size != frontier_.size() || head.root != frontier_.root()) {
    return corrupt("audit-journal-corrupt", "another root at " + std::to_string(head.size));
  }
  note_ = batch.commit.note;
  return {};
}

Done Publisher::put_full_tiles() {
  const std::uint64_t size = frontier_.size();
  HANGU_CHECK(put_bundle({.level = std::nullopt, .number = size / kTileWidth - 1}));
  bundle_.clear();
  std::uint64_t count = size;  // of hashes at the level
  for (unsigned level = 0; count > 0 && count % kTileWidth == 0; ++level) {
    count /= kTileWidth;
    const Tile tile{.level = level, .number = count - 1};
    HANGU_CHECK(put_hashes(tile));
  }
  return {};
}

Done Publisher::put_partial_tiles() {
  for (const Tile& tile : partial_tiles_of(frontier_.size())) {
    HANGU_CHECK(tile.level ? put_hashes(tile) : put_bundle(tile));
  }
  return {};
}

Done Publisher::put_bundle(const Tile& tile) {
  if (tile.width == kTileWidth) completed_.push_back(tile);
  return files_.stage(tile.path(), bundle_, [this, tile] { return check_bundle(tile); });
}

/// Reads a bundle back and hashes it again, before any tile above it counts.
Done Publisher::check_bundle(const Tile& tile) const {
  HANGU_TRY(const Bytes stored, root_->read(tile.path(), kBundleBytesMax));
  HANGU_TRY(const std::vector<ByteView> entries, parse_bundle(stored, tile.width));
  Bytes leaves;
  for (const ByteView entry : entries) append(leaves, leaf_hash(entry));
  if (leaves != hashes_.tile_bytes({.level = 0, .number = tile.number, .width = tile.width}))
    return corrupt("audit-tile-differs", tile.path());
  return {};
}

Done Publisher::put_hashes(const Tile& tile) {
  if (tile.width == kTileWidth) completed_.push_back(tile);
  return files_.stage(tile.path(), hashes_.tile_bytes(tile));
}

Done Publisher::put_checkpoint() {
  std::string note = note_;
  if (countersigner_) {
    HANGU_TRY(note, countersign_note(note_, *countersigner_));
  }
  // One old checkpoint for each round that filled a bundle: never more files than bundles.
  if (!completed_.empty()) {
    HANGU_CHECK(files_.put("checkpoints/" + std::to_string(frontier_.size()), bytes_of(note)));
  }
  HANGU_CHECK(replace_checkpoint(note));
  remember(std::move(note));
  return {};
}

Done Publisher::replace_checkpoint(std::string_view note) {
  HANGU_TRY(const std::unique_ptr<Folder> root, root_->again());
  return root->replace(kCheckpoint, bytes_of(note));
}

Done Publisher::drop_segments() {
  HANGU_TRY(const std::unique_ptr<Folder> journal, root_->subfolder("journal"));
  HANGU_TRY(const std::vector<std::uint64_t> firsts, list_segments(*journal));
  for (std::size_t i = 0; i + 1 < firsts.size(); ++i) {
    if (firsts[i + 1] > head_.size || firsts[i] == segment_) break;
    HANGU_CHECK(journal->remove(segment_name(firsts[i])));
    HANGU_CHECK(journal->sync());  // one after the other: what stays has no gap
  }
  return {};
}

}  // namespace hangu::audit
