#pragma once
// LogReader: the published files of a log, or of a copy of one, read for people. It takes the
// signed checkpoint once, and that bounds what it reads, however the log grows meanwhile.
// docs/protocols/audit-log.md §2.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/folder.hpp"
#include "audit/reading/published_tiles.hpp"
#include "base/time.hpp"

namespace hangu::audit {

/// An entry as it is stored; `text` may be any bytes. A view: it lives as long as its bundle.
struct StoredEntry {
  std::uint64_t index = 0;
  std::string_view text;
  Hash leaf{};
};

/// Sees entries in order; its error ends the reading.
using VisitStored = std::function<Done(const StoredEntry&)>;

/// The entries of one bundle, with the bytes that they are views of. Move-only.
class Bundle {
 public:
  Bundle(Bytes bytes, std::vector<StoredEntry> entries)
      : bytes_(std::move(bytes)), entries_(std::move(entries)) {}
  Bundle(Bundle&&) = default;
  Bundle& operator=(Bundle&&) = default;
  [[nodiscard]] const std::vector<StoredEntry>& entries() const { return entries_; }

 private:
  Bytes bytes_;
  std::vector<StoredEntry> entries_;
};

/// Read-only, and takes no lock: the writer may run. Memory: one bundle, some tiles.
/// Thread: one, but bundle() any.
///
/// Errors of reading: Corrupt "log-bundle-missing", "log-bundle-invalid", "log-tile-…",
/// "log-root-differs" (the context says from which entry on nothing fits any more); Unavailable
/// "log-pruned" (an entry below first(), or one that was pruned since); of files.
class LogReader {
 public:
  /// Without a key that of the log's own first entry is taken: then its word stands for nothing
  /// but itself (key_given() is false).
  /// Errors: those of open_checkpoint; Unavailable "log-missing" (no checkpoint there),
  /// "log-no-key" (no key given, and `genesis` is not there or names one that the log has rolled
  /// over from), "log-key-other" (signed by another key of this name: the log's keys rolled over,
  /// or it is not this log); of files.
  [[nodiscard]] static Result<LogReader> open(std::unique_ptr<Folder> folder,
                                              const std::optional<NoteKey>& key);

  [[nodiscard]] const Checkpoint& checkpoint() const { return checkpoint_; }
  /// The signed note of checkpoint(), as it stands in the file.
  [[nodiscard]] const std::string& note() const { return note_; }
  [[nodiscard]] const NoteKey& key() const { return key_; }
  [[nodiscard]] bool key_given() const { return key_given_; }
  [[nodiscard]] std::uint64_t size() const { return checkpoint_.head.size; }
  /// The first entry that stays; 0 unless the log was pruned.
  [[nodiscard]] std::uint64_t first() const { return first_; }
  [[nodiscard]] std::uint64_t bundles() const { return (size() + kTileWidth - 1) / kTileWidth; }
  /// The log's own hashes, up to size().
  [[nodiscard]] const PublishedTiles& tiles() const { return *tiles_; }

  /// The entries of bundle `number`, hashed but not proved. Thread: any.
  [[nodiscard]] Result<Bundle> bundle(std::uint64_t number) const;
  /// Entries [first, end), hashed but not proved.
  [[nodiscard]] Done read(std::uint64_t first, std::uint64_t end, const VisitStored& visit) const;

  /// The same, proved: every bundle that they lie in is hashed and led to the checkpoint's root,
  /// with hash tiles for what lies outside (their number grows with the logarithm of the size).
  /// What was visited counts only when this returned without an error.
  [[nodiscard]] Done authenticate(std::uint64_t first, std::uint64_t end,
                                  const VisitStored& visit) const;
  /// One bundle, proved.
  [[nodiscard]] Result<Bundle> authentic_bundle(std::uint64_t number) const;
  /// The first entry from first() on whose time is not before `time` (size() when there is none),
  /// by halving over proved bundles: entries' times never decrease.
  /// Errors: also Malformed "entry-invalid".
  [[nodiscard]] Result<std::uint64_t> find_time(WallTime time) const;

  /// That entries `first`.. up to the frontier's size, hashed onto the frontier of those before,
  /// lead to the checkpoint's root. Errors: Corrupt "log-root-differs", naming the entry when it is
  /// among these; those of reading.
  [[nodiscard]] Done prove(const Frontier& up_to, std::uint64_t first) const;
  /// That the first `size` entries of this log had `root`. Errors: Corrupt "log-root-differs".
  [[nodiscard]] Done check_root(std::uint64_t size, const Hash& root) const;

 private:
  LogReader(std::unique_ptr<Folder> folder, NoteKey key, bool key_given, std::string note,
            Checkpoint checkpoint, std::uint64_t first);
  [[nodiscard]] Error where_differs(std::uint64_t first, std::uint64_t end) const;

  std::unique_ptr<Folder> folder_;  ///< at a fixed address: tiles_ reads through it
  std::unique_ptr<PublishedTiles> tiles_;
  NoteKey key_;
  bool key_given_;
  std::string note_;
  Checkpoint checkpoint_;
  std::uint64_t first_;
};

}  // namespace hangu::audit
