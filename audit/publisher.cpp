#include "audit/publisher.hpp"

#include <algorithm>

namespace hangu::audit {
namespace {

constexpr std::string_view kTemporary = ".new";
constexpr std::string_view kCheckpoint = "checkpoint";

struct Place {
  std::string folder;
  std::string name;
};

Place place_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {.folder = {}, .name = path};
  return {.folder = path.substr(0, slash), .name = path.substr(slash + 1)};
}

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
      disk_reserve_(published.disk_reserve) {}

Result<TreeHead> Publisher::publish(std::uint64_t size) {
  if (size == head_.size) return head_;
  HANGU_CHECK(follow(size));
  HANGU_CHECK(put_partial_tiles());
  HANGU_CHECK(sync_folders());
  HANGU_CHECK(remove_partials());
  HANGU_CHECK(put_checkpoint());
  head_ = {.size = frontier_.size(), .root = frontier_.root()};
  hashes_.release(head_.size);
  completed_.clear();
  HANGU_CHECK(drop_segments());
  return head_;
}

Done Publisher::look_ahead() {
  if (!reader_ || reader_->offset() < spare_from(segment_bytes_max_)) return {};
  HANGU_TRY(const std::uint64_t free, root_->free_bytes());
  if (free < kDiskAlarmTimes * disk_reserve_ + segment_bytes_max_) return {};
  HANGU_TRY(const std::unique_ptr<Folder> journal, root_->subfolder("journal"));
  const Done made = make_spare(*journal, segment_bytes_max_);
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
    HANGU_CHECK(put(tile, hashes_.tile_bytes(tile)));
  }
  return {};
}

Done Publisher::put_partial_tiles() {
  for (const Tile& tile : partial_tiles_of(frontier_.size())) {
    HANGU_CHECK(tile.level ? put(tile, hashes_.tile_bytes(tile)) : put_bundle(tile));
  }
  return {};
}

Done Publisher::put_bundle(const Tile& tile) {
  HANGU_CHECK(put(tile, bundle_));
  // Read back and hashed again before any tile above it counts.
  HANGU_TRY(const Bytes stored, root_->read(tile.path(), kBundleBytesMax));
  HANGU_TRY(const std::vector<ByteView> entries, parse_bundle(stored, tile.width));
  Bytes leaves;
  for (const ByteView entry : entries) append(leaves, leaf_hash(entry));
  if (leaves != hashes_.tile_bytes({.level = 0, .number = tile.number, .width = tile.width})) {
    return corrupt("audit-tile-differs", tile.path());
  }
  return {};
}

Done Publisher::put(const Tile& tile, ByteView bytes) {
  if (tile.width == kTileWidth) completed_.push_back(tile);
  return put_file(tile.path(), bytes);
}

Done Publisher::put_file(const std::string& path, ByteView bytes) {
  const auto [folder_path, name] = place_of(path);
  HANGU_TRY(const Folder* folder, folder_of(folder_path));
  HANGU_TRY(const bool there, folder->has(name));
  if (!there) {
    HANGU_CHECK(folder->write_temporary(std::string(kTemporary), bytes));
    HANGU_CHECK(folder->link(std::string(kTemporary), name));
    return folder->remove(std::string(kTemporary));
  }
  // Left by a round that did not come to its checkpoint, or the same width as before.
  HANGU_TRY(const Bytes stored, folder->read(name, kBundleBytesMax));
  if (!equal(stored, bytes)) return corrupt("audit-tile-differs", path);
  return {};
}

/// The folder at `path` below the log's, made when missing; opened before any name in it changes,
/// so that the later sync speaks of this very folder.
Result<const Folder*> Publisher::folder_of(const std::string& path) {
  if (const auto found = touched_.find(path); found != touched_.end()) return found->second.get();
  if (path.empty()) {
    HANGU_TRY(std::unique_ptr<Folder> root, root_->again());
    return touched_.emplace(path, std::move(root)).first->second.get();
  }
  const auto [parent_path, name] = place_of(path);
  if (!known_.contains(path)) {
    HANGU_TRY(const Folder* parent, folder_of(parent_path));
    HANGU_TRY(const bool made, parent->make_subfolder(name));
    static_cast<void>(made);  // one that was there may not be durable either: its parent is synced
    known_.insert(path);
  }
  HANGU_TRY(std::unique_ptr<Folder> folder, root_->subfolder(path));
  return touched_.emplace(path, std::move(folder)).first->second.get();
}

Done Publisher::sync_folders() {
  for (const auto& [path, folder] : touched_) HANGU_CHECK(folder->sync());
  return {};
}

/// Partial tiles go when the full tile is durable: readers fall back to it.
Done Publisher::remove_partials() {
  for (const Tile& tile : completed_) {
    const auto [folder_path, name] = place_of(tile.path());
    HANGU_TRY(const Folder* folder, folder_of(folder_path));
    const std::string partials = name + ".p";
    HANGU_TRY(const bool there, folder->has(partials));
    if (!there) continue;
    HANGU_TRY(const std::unique_ptr<Folder> inside, folder->subfolder(partials));
    HANGU_TRY(const std::vector<std::string> names, inside->names(kTileWidth));
    for (const std::string& width : names) HANGU_CHECK(inside->remove(width));
    HANGU_CHECK(folder->remove_subfolder(partials));
    known_.erase(std::string(folder_path).append("/").append(partials));
  }
  touched_.clear();
  return {};
}

Done Publisher::put_checkpoint() {
  std::string note = note_;
  if (countersigner_) {
    HANGU_TRY(note, countersign_note(note_, *countersigner_));
  }
  // One old checkpoint for each round that filled a bundle: never more files than bundles.
  if (!completed_.empty()) {
    HANGU_CHECK(put_file("checkpoints/" + std::to_string(frontier_.size()), bytes_of(note)));
    HANGU_CHECK(sync_folders());
    touched_.clear();
  }
  HANGU_CHECK(replace_checkpoint(note));
  remember(std::move(note));
  return {};
}

Done Publisher::replace_checkpoint(std::string_view note) {
  HANGU_TRY(const std::unique_ptr<Folder> root, root_->again());
  HANGU_CHECK(root->write_temporary(std::string(kTemporary), bytes_of(note)));
  HANGU_CHECK(root->rename(std::string(kTemporary), std::string(kCheckpoint)));
  return root->sync();
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
