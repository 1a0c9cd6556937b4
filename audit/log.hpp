#pragma once
// Log: an append-only sequence of byte strings under one Merkle tree. Committed means durable in
// the journal under a signed checkpoint; published means in the public tiles too.
// docs/protocols/audit-log.md.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/entry_batch.hpp"
#include "audit/folder.hpp"
#include "audit/journal.hpp"
#include "audit/publisher.hpp"
#include "audit/tile.hpp"
#include "audit/tile_shelf.hpp"
#include "crypto/signature.hpp"

namespace hangu::audit {

struct LogLimits {
  std::uint64_t segment_bytes_max = kSegmentBytesMax;
  std::uint64_t disk_reserve_bytes = kDiskReserveBytes;  ///< below it nothing is accepted
  std::size_t unpublished_bytes_max = kUnpublishedBytesMax;
  std::uint64_t pruned_before = 0;  ///< entries before it were deleted; whole bundles
};

/// Sees every entry of an opened log that is not pruned, in order; its error ends the opening.
using VisitEntry = std::function<Done(std::uint64_t index, ByteView entry)>;

/// What opening found.
struct Recovery {
  std::uint64_t discarded_bytes = 0;  ///< of a batch that was never acknowledged
};

struct OpenedLog;

/// Thread: one. After any failed commit the log is dead: every call fails until it is opened anew.
class Log {
 public:
  /// Opens or begins the log in `folder`, alone (flock). Every entry is hashed again and every
  /// root of the journal recomputed before anything is appended. The signer's name is the origin.
  /// What stands there may be signed by `former` too: which of the two it must be, who knows the
  /// entries has to see.
  ///
  /// Errors: Unavailable "audit-in-use"; Corrupt "audit-journal-corrupt" (bad bytes before a good
  /// commit), "audit-journal-missing", "audit-journal-behind" (the published checkpoint is ahead),
  /// "audit-tiles-corrupt", "audit-checkpoint-invalid", "audit-log-key" (signed by another key),
  /// "audit-origin"; of files.
  [[nodiscard]] static Result<OpenedLog> open(std::unique_ptr<Folder> folder,
                                              std::shared_ptr<const NoteSigner> signer,
                                              const LogLimits& limits, const VisitEntry& visit,
                                              const std::optional<NoteKey>& former = std::nullopt);

  [[nodiscard]] const TreeHead& head() const { return head_; }
  /// The signed checkpoint of head(); empty while the log is.
  [[nodiscard]] const std::string& note() const { return note_; }
  [[nodiscard]] const NoteKey& key() const { return signer_->key(); }
  /// Signs the checkpoints from now on, under the same name.
  void sign_by(std::shared_ptr<const NoteSigner> signer) { signer_ = std::move(signer); }
  /// Signs the checkpoints from now on too; it must outlive the log or the next call.
  void sign_with(const NoteSigner& also) { also_ = &also; }

  /// Whether a batch may be committed now. Errors: Corrupt "audit-dead"; Exhausted
  /// "audit-disk-reserve"; Unavailable "audit-behind" (publishing does not keep up).
  [[nodiscard]] Done ready() const;
  /// What the disk has left, and below what nothing is accepted.
  [[nodiscard]] Result<std::uint64_t> free_bytes() const { return root_->free_bytes(); }
  [[nodiscard]] std::uint64_t disk_reserve() const { return limits_.disk_reserve_bytes; }
  /// Makes 1..kBatchEntriesMax entries durable, each at most kEntryBytesMax; returns their leaf
  /// hashes. Errors: those of the journal, and the log is dead.
  [[nodiscard]] Result<std::vector<Hash>> commit(EntryBatch entries);
  /// A stored entry. Errors: Malformed "proof-range", "entry-pruned"; Corrupt
  /// "audit-tiles-corrupt".
  [[nodiscard]] Result<Bytes> entry(std::uint64_t index) const;
  /// Entries [first, end) as entry() gives them, each bundle read once. Errors: as entry(), and
  /// those of `visit`.
  [[nodiscard]] Done visit(std::uint64_t first, std::uint64_t end, const VisitEntry& visit) const;
  /// The same bytes, led to head(): what the disk holds is nobody's word. Errors: as prove().
  [[nodiscard]] Result<Bytes> proved_entry(std::uint64_t index) const;
  /// The right edge of the first `size` entries, from hashes that count only once a root that grows
  /// from them is one of this log: contains(). Errors: those of the tiles.
  [[nodiscard]] Result<Frontier> frontier_at(std::uint64_t size) const;
  /// Whether head() has grown from `head`. Errors: those of prove_consistency.
  [[nodiscard]] Result<bool> contains(const TreeHead& head) const;
  /// Proofs, checked before they are given out. Errors: Malformed "proof-range"; Corrupt
  /// "audit-tiles-corrupt".
  [[nodiscard]] Result<std::vector<Hash>> prove(std::uint64_t index, std::uint64_t size) const;
  [[nodiscard]] Result<std::vector<Hash>> prove_consistency(std::uint64_t first,
                                                            std::uint64_t second) const;
  /// Tells that the first `size` entries are in durable tiles: memory for them is given back.
  void published(std::uint64_t size);
  [[nodiscard]] std::uint64_t published_size() const { return published_size_; }
  /// Tells that the entries before `index` are about to be deleted.
  void pruned(std::uint64_t index) { limits_.pruned_before = index; }
  [[nodiscard]] std::uint64_t pruned_before() const { return limits_.pruned_before; }

 private:
  friend class LogOpening;
  Log(std::unique_ptr<Folder> root, std::shared_ptr<const NoteSigner> signer, Journal journal,
      TileHashes hashes, const LogLimits& limits);
  [[nodiscard]] Result<std::vector<ByteView>> bundle(std::uint64_t number) const;
  [[nodiscard]] Done check_range(std::uint64_t first, std::uint64_t end) const;
  [[nodiscard]] Result<std::vector<Hash>> prove_stored(ByteView stored, std::uint64_t index,
                                                       std::uint64_t size) const;

  std::unique_ptr<Folder> lock_;      ///< the journal's folder, locked for as long as it is open
  std::unique_ptr<Folder> root_;      ///< at a fixed address: shelf_ reads through it
  std::unique_ptr<TileShelf> shelf_;  ///< at a fixed address: hashes_ reads tiles through it
  std::shared_ptr<const NoteSigner> signer_;
  const NoteSigner* also_ = nullptr;
  Journal journal_;
  LogLimits limits_;
  TreeHead head_;
  std::string note_;
  Frontier frontier_;
  TileHashes hashes_;
  EntryTail tail_;
  std::uint64_t published_size_ = 0;
  bool dead_ = false;
};

struct OpenedLog {
  Log log;
  Publisher publisher;
  Recovery recovery;
};

}  // namespace hangu::audit
