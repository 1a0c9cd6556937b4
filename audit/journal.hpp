#pragma once
// The journal: where a batch becomes durable before it is acknowledged. Private to the writer;
// everything in it appears again in tiles. Byte table: docs/protocols/audit-log.md §5.
//
// A segment journal/<first, 20 digits>.wal is START, then (ENTRIES, COMMIT) for each batch, then
// zeros to the end of the file, if any. Every record is u32 payload length ‖ u32 crc32c(length ‖
// type ‖ payload) ‖ u8 type ‖ payload.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "audit/folder.hpp"
#include "audit/limits.hpp"
#include "audit/merkle.hpp"

namespace hangu::audit {

/// What stood before a segment's first entry.
struct SegmentStart {
  std::string origin;
  TreeHead head;
  Hash previous{};  ///< hash of the last COMMIT before; zeros at the start of the log
  bool operator==(const SegmentStart&) const = default;
};

/// The tree after a batch, and its signed checkpoint.
struct Commit {
  TreeHead head;
  Hash previous{};
  std::string note;

  [[nodiscard]] Bytes to_bytes() const;
  [[nodiscard]] static Result<Commit> parse(ByteView payload);
  /// SHA-256 of the payload: what the next COMMIT names as its previous.
  [[nodiscard]] Hash hash() const;
  bool operator==(const Commit&) const = default;
};

/// One batch of a segment, by its own words (the caller checks numbers, roots and the chain).
struct Batch {
  std::uint64_t first = 0;
  std::size_t count = 0;
  Bytes bundle;
  Commit commit;
};

/// Where the newest segment ends.
struct SegmentEnd {
  std::uint64_t first = 0;       ///< its first entry
  std::uint64_t last_batch = 0;  ///< offset of its last batch; 0 when it has none
  std::uint64_t offset = 0;      ///< behind that
};

/// What follows the last intact batch of a segment.
struct Remainder {
  enum class Kind : std::uint8_t {
    none,     ///< the file ends there, or goes on with zeros
    torn,     ///< bytes of a batch that was never acknowledged
    corrupt,  ///< a later intact COMMIT shows that acknowledged bytes are damaged
  };
  Kind kind = Kind::none;
  std::uint64_t bytes = 0;  ///< up to the last that is not zero
};

[[nodiscard]] std::string segment_name(std::uint64_t first);
/// First entries of all segments, ascending. Errors: Corrupt "audit-journal-stray".
[[nodiscard]] Result<std::vector<std::uint64_t>> list_segments(const Folder& journal);
/// Removes the beginning of a segment that was not finished, and spares. Only while nobody appends.
[[nodiscard]] Done remove_unfinished(const Folder& journal);
/// How much of a segment without zeros is worth a spare.
[[nodiscard]] constexpr std::uint64_t spare_from(std::uint64_t segment_bytes_max) {
  return std::min(kSpareFromBytes, segment_bytes_max / 4);
}

/// JournalReader walks one segment's batches. Thread: one.
class JournalReader {
 public:
  /// Errors: Corrupt "audit-journal-corrupt" when the START is damaged.
  [[nodiscard]] static Result<JournalReader> open(const Folder& journal, std::uint64_t first);
  [[nodiscard]] const SegmentStart& start() const { return start_; }
  /// The next intact batch, or nothing where no intact one follows.
  [[nodiscard]] Result<std::optional<Batch>> next();
  /// Goes on at the offset of a batch that an earlier reader told.
  void seek(std::uint64_t offset) { offset_ = offset; }
  /// Offset just after the last batch that next() gave.
  [[nodiscard]] std::uint64_t offset() const { return offset_; }
  /// Judges what stands behind offset(). Call when next() gave nothing.
  [[nodiscard]] Result<Remainder> remainder() const;

 private:
  [[nodiscard]] Result<std::uint64_t> file_bytes() const { return file_->size(); }
  [[nodiscard]] Result<std::uint64_t> content_end() const;
  explicit JournalReader(std::unique_ptr<File> file) : file_(std::move(file)) {}
  std::unique_ptr<File> file_;
  SegmentStart start_;
  std::uint64_t offset_ = 0;
};

/// Journal appends batches to the newest segment and begins new ones, in the spare where there is
/// one; to that it also moves from a segment that has no zeros ahead. After any error it is dead:
/// every later call fails, because after a failed sync nobody knows what the disk holds.
/// Thread: one.
class Journal {
 public:
  /// Begins the segment at `start` (durably) and appends to it.
  [[nodiscard]] static Result<Journal> begin(const Folder& journal, SegmentStart start,
                                             std::uint64_t segment_bytes_max);
  /// Goes on in a segment behind its last batch, cutting off what follows. That batch is written
  /// once more: a sync of it may have failed in the process before, after which its pages can be
  /// read, but no later sync writes them.
  [[nodiscard]] static Result<Journal> resume(const Folder& journal, const SegmentEnd& end,
                                              SegmentStart now, std::uint64_t segment_bytes_max);
  /// Writes ENTRIES and the COMMIT that stands over them, and waits for the disk: one fdatasync.
  /// Errors: Internal "sync-failed", Exhausted "disk-full", …; Corrupt "audit-dead" afterwards.
  [[nodiscard]] Done append(std::uint64_t first, std::size_t count, ByteView bundle,
                            const Commit& commit);
  /// The hash that the next COMMIT must name.
  [[nodiscard]] const Hash& previous() const { return now_.previous; }

 private:
  Journal(std::unique_ptr<Folder> folder, std::unique_ptr<File> file, std::uint64_t offset,
          SegmentStart now, std::uint64_t segment_bytes_max)
      : folder_(std::move(folder)),
        file_(std::move(file)),
        offset_(offset),
        now_(std::move(now)),
        segment_bytes_max_(segment_bytes_max) {}
  [[nodiscard]] Result<bool> is_due() const;
  [[nodiscard]] Done rotate();

  std::unique_ptr<Folder> folder_;
  std::unique_ptr<File> file_;
  std::uint64_t offset_;
  SegmentStart now_;  ///< what the next segment would begin with
  std::uint64_t segment_bytes_max_;
  bool in_spare_ = false;  ///< zeros lie ahead
  Bytes out_;              ///< of the batch that is being written
  bool dead_ = false;
};

}  // namespace hangu::audit
