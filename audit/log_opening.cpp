// Opening a log: recomputes everything that the disk claims before a writer may go on.

#include <algorithm>

#include "audit/log.hpp"
#include "base/text.hpp"

namespace hangu::audit {
namespace {

constexpr std::array<const char*, 3> kSubfolders{"journal", "tile", "checkpoints"};

std::unexpected<Error> corrupt(std::string_view reason, std::string context = {}) {
  return fail(ErrorCode::corrupt, reason, std::move(context));
}

TileHashes::ReadTile reader_of(TileShelf* shelf) {
  return [shelf](const Tile& tile) -> Result<Bytes> {
    HANGU_TRY(const ByteView bytes, shelf->read(tile));
    return to_bytes(bytes);
  };
}

bool is_of_another_key(const Error& error) { return error.reason() == "note-unsigned"; }

std::unexpected<Error> other_key() {
  return corrupt("audit-log-key", "no key that was given signed the last checkpoint");
}

/// The publisher never asks for a hash that it has released.
Result<Bytes> no_tile(const Tile& tile) { return corrupt("audit-tiles-corrupt", tile.path()); }

}  // namespace

/// LogOpening is the state of one opening; each step needs what the steps before it found.
class LogOpening {
 public:
  LogOpening(std::unique_ptr<Folder> root, std::shared_ptr<const NoteSigner> signer,
             const LogLimits& limits, const VisitEntry& visit, const std::optional<NoteKey>& former)
      : limits_(limits),
        root_(std::move(root)),
        signer_(std::move(signer)),
        keys_{signer_->key()},
        visit_(visit),
        shelf_(std::make_unique<TileShelf>(*root_)),
        hashes_(reader_of(shelf_.get())),
        published_hashes_(no_tile) {
    if (former) keys_.push_back(*former);
  }

  Result<OpenedLog> run() {
    HANGU_CHECK(lay_out());
    HANGU_CHECK(read_checkpoint());
    HANGU_TRY(segments_, list_segments(*journal_folder_));
    if (segments_.empty()) {
      HANGU_CHECK(begin_new());
    } else {
      HANGU_CHECK(read_tiles());
      for (std::size_t i = 0; i < segments_.size(); ++i) {
        HANGU_CHECK(replay(segments_[i], i + 1 == segments_.size()));
      }
      HANGU_CHECK(check_end());
    }
    return finish();
  }

 private:
  Done lay_out() {
    for (const char* name : kSubfolders) {
      HANGU_TRY(const bool made, root_->make_subfolder(name));
      static_cast<void>(made);
    }
    HANGU_CHECK(root_->sync());
    HANGU_TRY(journal_folder_, root_->subfolder("journal"));
    HANGU_CHECK(journal_folder_->lock());
    return remove_unfinished(*journal_folder_);
  }

  Done read_checkpoint() {
    HANGU_TRY(const bool there, root_->has("checkpoint"));
    if (!there) return {};
    HANGU_TRY(const Bytes note, root_->read("checkpoint", kNoteBytesMax));
    const auto checkpoint = open_checkpoint(text_of(note), keys_);
    if (!checkpoint && is_of_another_key(checkpoint.error())) return other_key();
    if (!checkpoint) return corrupt("audit-checkpoint-invalid", checkpoint.error().message());
    published_ = checkpoint->head;
    tail_ = EntryTail(published_.size / kTileWidth * kTileWidth);
    return {};
  }

  Done begin_new() {
    HANGU_TRY(const bool tiles, root_->has("tile/entries"));
    if (published_.size > 0 || tiles) return corrupt("audit-journal-missing");
    HANGU_TRY(Journal journal, Journal::begin(*journal_folder_, now(), kSegmentBytesMax));
    static_cast<void>(journal);
    segments_.push_back(0);
    HANGU_TRY(const JournalReader reader, JournalReader::open(*journal_folder_, 0));
    publish_offset_ = end_.offset = reader.offset();
    return {};
  }

  /// Hashes all published entries again; the root must be the checkpoint's.
  Done read_tiles() {
    if (segments_.front() > published_.size) {
      return corrupt("audit-journal-missing", "entries before " + segment_name(segments_.front()));
    }
    Frontier frontier;
    if (segments_.front() == 0) frontier_ = frontier;
    if (limits_.pruned_before > published_.size) return corrupt("audit-pruned-invalid");
    for (std::uint64_t first = 0; first < limits_.pruned_before; first += kTileWidth)
      HANGU_CHECK(read_pruned_hashes(first / kTileWidth, frontier));
    for (std::uint64_t first = limits_.pruned_before; first < published_.size;
         first += kTileWidth) {
      const auto width =
          static_cast<std::size_t>(std::min<std::uint64_t>(kTileWidth, published_.size - first));
      HANGU_TRY(Bytes bundle, read_bundle(first / kTileWidth, width));
      const auto entries = parse_bundle(bundle, width);
      if (!entries) return corrupt("audit-tiles-corrupt", "bundle at " + std::to_string(first));
      EntryBatch behind;  // what no full tile holds
      for (std::size_t i = 0; i < width; ++i) {
        const Hash leaf = leaf_hash((*entries)[i]);
        frontier.append(leaf);
        hashes_.append(leaf);
        published_hashes_.append(leaf);
        if (frontier.size() == segments_.front()) frontier_ = frontier;
        HANGU_CHECK(visit_(first + i, (*entries)[i]));
        if (width < kTileWidth) behind.add((*entries)[i]);
      }
      tail_.add(std::move(behind));
      hashes_.release(frontier.size());
      published_hashes_.release(frontier.size());
      if (width < kTileWidth) published_bundle_ = std::move(bundle);
    }
    if (published_.size > 0 && frontier.root() != published_.root) {
      return corrupt("audit-tiles-corrupt", "the root is not the checkpoint's");
    }
    published_frontier_ = std::move(frontier);
    return {};
  }

  /// Of entries that are deleted the leaf hashes are left; the root will tell whether they are
  /// true.
  Done read_pruned_hashes(std::uint64_t number, Frontier& frontier) {
    const Tile tile{.level = 0, .number = number};
    HANGU_TRY(const Bytes bytes, root_->read(tile.path(), kTileBytes));
    if (bytes.size() != kTileBytes) return corrupt("audit-tiles-corrupt", tile.path());
    for (std::size_t i = 0; i < kTileWidth; ++i) {
      HANGU_TRY(const Hash leaf,
                hash_from(ByteView(bytes).subspan(i * sizeof(Hash), sizeof(Hash))));
      frontier.append(leaf);
      hashes_.append(leaf);
      published_hashes_.append(leaf);
      if (frontier.size() == segments_.front()) frontier_ = frontier;
    }
    hashes_.release(frontier.size());
    published_hashes_.release(frontier.size());
    return {};
  }

  /// The first `width` entries of a bundle, from the partial file or else from the full one.
  Result<Bytes> read_bundle(std::uint64_t number, std::size_t width) {
    const Tile tile{.level = std::nullopt, .number = number, .width = width};
    auto bytes = root_->read(tile.path(), kBundleBytesMax);
    if (bytes || width == kTileWidth || bytes.error().reason() != "file-missing") return bytes;
    const Tile full{.level = std::nullopt, .number = number};
    HANGU_TRY(const Bytes all, root_->read(full.path(), kBundleBytesMax));
    HANGU_TRY(const std::vector<ByteView> entries, parse_bundle(all, kTileWidth));
    Bytes bundle;
    for (std::size_t i = 0; i < width; ++i) append_to_bundle(bundle, entries[i]);
    return bundle;
  }

  Done replay(std::uint64_t first, bool last) {
    HANGU_TRY(JournalReader reader, JournalReader::open(*journal_folder_, first));
    const std::string name = segment_name(first);
    if (reader.start().origin != signer_->key().name()) {
      return corrupt("audit-origin", printable(reader.start().origin));
    }
    if (first == segments_.front()) previous_ = reader.start().previous;
    if (reader.start() != now()) return corrupt("audit-journal-corrupt", name + ": start");
    note_place(first, reader.offset());
    end_ = {.first = first, .last_batch = 0, .offset = reader.offset()};
    while (true) {  // ends: the reader goes forward in a file of bounded size
      HANGU_TRY(const std::optional<Batch> batch, reader.next());
      if (!batch) break;
      HANGU_CHECK(replay_batch(*batch));
      end_ = {.first = first, .last_batch = end_.offset, .offset = reader.offset()};
      note_place(first, reader.offset());
    }
    HANGU_TRY(const Remainder remainder, reader.remainder());
    if (remainder.kind == Remainder::Kind::corrupt ||
        (remainder.kind == Remainder::Kind::torn && !last)) {
      return corrupt("audit-journal-corrupt", name + " at " + std::to_string(reader.offset()));
    }
    discarded_bytes_ = remainder.bytes;
    return {};
  }

  Done replay_batch(const Batch& batch) {
    const auto bad = [&](const char* what) {
      return corrupt("audit-journal-corrupt",
                     std::string(what) + " at " + std::to_string(batch.first));
    };
    if (batch.first != frontier_.size() || batch.count == 0) return bad("numbers");
    if (batch.commit.previous != previous_) return bad("chain");
    const auto entries = parse_bundle(batch.bundle, batch.count);
    if (!entries) return bad("entries");
    EntryBatch behind;
    for (const ByteView entry : *entries) {
      const Hash leaf = leaf_hash(entry);
      const std::uint64_t index = frontier_.size();
      frontier_.append(leaf);
      if (index < published_.size) continue;  // known from the tiles; the roots must agree
      hashes_.append(leaf);
      behind.add(entry);
      HANGU_CHECK(visit_(index, entry));
    }
    tail_.add(std::move(behind));
    if (batch.commit.head != TreeHead{.size = frontier_.size(), .root = frontier_.root()}) {
      return bad("root");
    }
    previous_ = batch.commit.hash();
    note_ = batch.commit.note;
    return {};
  }

  /// Remembers where the publisher goes on.
  void note_place(std::uint64_t segment, std::uint64_t offset) {
    if (frontier_.size() != published_.size) return;
    publish_segment_ = segment;
    publish_offset_ = offset;
    met_published_ = published_.size == 0 || frontier_.root() == published_.root;
  }

  Done check_end() {
    if (frontier_.size() < published_.size) {
      return corrupt("audit-journal-behind", "published " + std::to_string(published_.size) +
                                                 ", journal " + std::to_string(frontier_.size()));
    }
    if (!met_published_) return corrupt("audit-journal-corrupt", "the published root is not in it");
    if (note_.empty()) return {};
    const auto checkpoint = open_checkpoint(note_, keys_);
    if (!checkpoint && is_of_another_key(checkpoint.error())) return other_key();
    if (!checkpoint || checkpoint->head.root != frontier_.root()) {
      return corrupt("audit-journal-corrupt", "the last checkpoint is not this log's");
    }
    return {};
  }

  [[nodiscard]] SegmentStart now() const {
    return {.origin = signer_->key().name(),
            .head = {.size = frontier_.size(), .root = frontier_.root()},
            .previous = previous_};
  }

  Result<OpenedLog> finish() {
    if (note_.empty() && published_.size > 0) {  // an empty segment after the published one
      HANGU_TRY(const Bytes note, root_->read("checkpoint", kNoteBytesMax));
      note_ = text_of(note);
    }
    HANGU_TRY(Journal journal,
              Journal::resume(*journal_folder_, end_, now(), limits_.segment_bytes_max));
    HANGU_TRY(std::unique_ptr<Folder> publisher_root, root_->again());
    Publisher publisher(std::move(publisher_root), {.frontier = std::move(published_frontier_),
                                                    .hashes = std::move(published_hashes_),
                                                    .bundle = std::move(published_bundle_),
                                                    .segment = publish_segment_,
                                                    .offset = publish_offset_,
                                                    .segment_bytes_max = limits_.segment_bytes_max,
                                                    .disk_reserve = limits_.disk_reserve_bytes});
    Log log(std::move(root_), std::move(signer_), std::move(journal), std::move(hashes_), limits_);
    log.lock_ = std::move(journal_folder_);
    log.shelf_ = std::move(shelf_);
    log.head_ = {.size = frontier_.size(), .root = frontier_.root()};
    log.note_ = std::move(note_);
    log.frontier_ = std::move(frontier_);
    log.tail_ = std::move(tail_);
    log.published_size_ = published_.size;
    return OpenedLog{.log = std::move(log),
                     .publisher = std::move(publisher),
                     .recovery = {.discarded_bytes = discarded_bytes_}};
  }

  LogLimits limits_;
  std::unique_ptr<Folder> root_;
  std::unique_ptr<Folder> journal_folder_;
  std::shared_ptr<const NoteSigner> signer_;
  std::vector<NoteKey> keys_;  ///< who may have signed; of one name
  const VisitEntry& visit_;
  TreeHead published_;
  std::vector<std::uint64_t> segments_;
  Frontier frontier_;  ///< of the journal so far
  Hash previous_{};
  std::string note_;
  std::unique_ptr<TileShelf> shelf_;
  TileHashes hashes_;
  EntryTail tail_;
  Frontier published_frontier_;
  TileHashes published_hashes_;
  Bytes published_bundle_;
  std::uint64_t publish_segment_ = 0;
  std::uint64_t publish_offset_ = 0;
  bool met_published_ = false;
  SegmentEnd end_;
  std::uint64_t discarded_bytes_ = 0;
};

Result<OpenedLog> Log::open(std::unique_ptr<Folder> folder,
                            std::shared_ptr<const NoteSigner> signer, const LogLimits& limits,
                            const VisitEntry& visit, const std::optional<NoteKey>& former) {
  LogOpening opening(std::move(folder), std::move(signer), limits, visit, former);
  return opening.run();
}

}  // namespace hangu::audit
