#pragma once
// Publisher: turns committed batches into the public files (bundles, tiles, checkpoint), behind
// the acknowledgements. It reads the journal's bytes back and hashes them again by itself, so that
// a bit that flipped between hashing and disk is found before a checkpoint vouches for it.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/folder.hpp"
#include "audit/journal.hpp"
#include "audit/published_files.hpp"
#include "audit/spare_segment.hpp"
#include "audit/tile.hpp"
#include "audit/witnessing.hpp"

namespace hangu::audit {

/// What is already published when a publisher starts.
struct Published {
  Frontier frontier;
  TileHashes hashes;          ///< full tiles released
  Bytes bundle;               ///< the entries of the last, partial bundle
  std::uint64_t segment = 0;  ///< where the next batch stands: segment and offset
  std::uint64_t offset = 0;
  std::uint64_t segment_bytes_max = kSegmentBytesMax;
  std::uint64_t disk_reserve = kDiskReserveBytes;
};

/// Thread: one at a time, any; shares nothing with the writer but the folder. After an error it
/// must not be used again.
class Publisher {
 public:
  Publisher(std::unique_ptr<Folder> root, Published published);

  /// Publishes every batch up to the one that ended at `size`: bundles and tiles, durable, then
  /// the checkpoint; then segments that nobody needs are removed. Returns what is published.
  /// Errors: Corrupt "audit-journal-corrupt", "audit-tile-differs"; of files: Internal
  /// "sync-failed", Exhausted "disk-full", …
  [[nodiscard]] Result<TreeHead> publish(std::uint64_t size);
  [[nodiscard]] const TreeHead& published() const { return head_; }
  /// Goes on with the journal's spare segment where the present one is worth it and the disk has
  /// room, for as long as `go_on` says so; to be called after publish(), when nobody waits for it.
  /// Errors: of files, but for a full disk.
  [[nodiscard]] Done look_ahead(const std::function<bool()>& go_on = [] { return true; });
  /// Keeps the checkpoint of `head` with the witnesses' lines as witness/checkpoint, and puts the
  /// lines under `checkpoint` when that is of the same size. Of a head that was published long ago,
  /// or before this start, the text stands under the lines that came alone. Errors: of files.
  [[nodiscard]] Done cosign(const CosignedHead& head);
  /// Puts a line of `signer` under every checkpoint from now on.
  void countersign_with(std::shared_ptr<const NoteSigner> signer) {
    countersigner_ = std::move(signer);
  }

 private:
  [[nodiscard]] Done follow(std::uint64_t size);
  [[nodiscard]] Result<Batch> next_batch();
  [[nodiscard]] Done add_batch(const Batch& batch);
  [[nodiscard]] Done put_full_tiles();
  [[nodiscard]] Done put_partial_tiles();
  [[nodiscard]] Done put_bundle(const Tile& tile);
  [[nodiscard]] Done check_bundle(const Tile& tile) const;
  [[nodiscard]] Done put_hashes(const Tile& tile);
  [[nodiscard]] Done put_checkpoint();
  [[nodiscard]] Done replace_checkpoint(std::string_view note);
  void remember(std::string note);
  [[nodiscard]] Done drop_segments();

  std::unique_ptr<Folder> root_;
  TreeHead head_;      ///< published
  Frontier frontier_;  ///< read from the journal so far
  TileHashes hashes_;
  Bytes bundle_;  ///< the entries since the last full bundle
  std::uint64_t segment_;
  std::uint64_t offset_;
  std::uint64_t segment_bytes_max_;
  std::uint64_t disk_reserve_;
  SpareSegment spare_;
  std::uint64_t looked_at_;  ///< offset in the segment, when the spare was last thought of
  std::optional<JournalReader> reader_;
  std::string note_;  ///< of the last batch read
  std::shared_ptr<const NoteSigner> countersigner_;
  std::deque<std::string> recent_;  ///< checkpoints published lately, the newest last
  std::vector<Tile> completed_;     ///< full tiles of this round
  PublishedFiles files_;
};

}  // namespace hangu::audit
