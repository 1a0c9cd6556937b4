#pragma once
// Pruning: what stays of entries that are deleted after their retention. Their hashes, every
// checkpoint and every proof stay valid; their bytes are gone. So that the rest can be checked and
// no key is taken twice, what the deleted entries told is kept.
// docs/protocols/audit-log.md §11.
//
//   pruned/<P>.json   what the entry "log.pruned" says, of the entries before P
//   pruned/<P>.keys   each key they held: first 16 bytes of its SHA-256 ‖ u64 index, in order

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audit/epoch_entries.hpp"
#include "audit/folder.hpp"
#include "audit/log.hpp"
#include "audit/order.hpp"

namespace hangu::audit {

inline constexpr std::string_view kPrunedType = "log.pruned";

/// What the entries before `before` told.
struct PrunedState {
  std::uint64_t before = 0;  ///< a multiple of kTileWidth
  WallTime last_time;        ///< of entry before - 1
  EpochTold epoch;           ///< in which entry `before` lies
  std::uint64_t epoch_first = 0;
  Hash chain{};                        ///< over those entries
  LogKeysTold log_keys;                ///< in force there
  std::optional<CounterTold> counter;  ///< told last
  std::string keys;                    ///< SHA-256 in hex of the file of keys
  std::string archive;                 ///< of the order
  std::vector<std::string> signers;    ///< of the order
  std::string order;                   ///< the envelope's text

  /// Where a reader of the entries that stay begins.
  [[nodiscard]] EpochReader::Place place() const {
    return {
        .told = epoch, .first = epoch_first, .log_keys = log_keys, .chain = chain, .at = before};
  }
  [[nodiscard]] wire::JsonObject to_event() const;
  /// Errors: Malformed "field-…", "json-…".
  [[nodiscard]] static Result<PrunedState> parse(std::string_view text);
  bool operator==(const PrunedState&) const = default;
};

/// A key's place in the file of keys.
using KeyDigest = std::array<std::byte, 16>;
[[nodiscard]] KeyDigest key_digest(std::string_view key);

/// The keys of deleted entries. Memory: 24 bytes a key. Thread: one, but contains() any.
class PrunedKeys {
 public:
  void add(std::string_view key, std::uint64_t index) { rows_.push_back({key_digest(key), index}); }
  void sort();
  /// Of two sorted tables one.
  [[nodiscard]] static PrunedKeys merged(const PrunedKeys& older, const PrunedKeys& newer);
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  /// Once sorted.
  [[nodiscard]] bool contains(std::string_view key) const { return find(key).has_value(); }
  /// The entry that held the key. Once sorted.
  [[nodiscard]] std::optional<std::uint64_t> find(std::string_view key) const;

  /// Writes a sorted table under the temporary name `name`, durably; its SHA-256. Errors: of files.
  [[nodiscard]] Result<Hash> write(const Folder& folder, const std::string& name) const;
  /// Reads what write() wrote, whose SHA-256 is `digest` in hex.
  /// Errors: Corrupt "audit-pruned-invalid"; of files.
  [[nodiscard]] static Result<PrunedKeys> read(const Folder& folder, const std::string& name,
                                               std::string_view digest);

 private:
  struct Row {
    KeyDigest digest;
    std::uint64_t index;
    auto operator<=>(const Row&) const = default;
  };
  std::vector<Row> rows_;
};

/// What was pruned from a log, if anything was.
struct Pruned {
  PrunedState state;
  /// Owners: the writer, and a reading that goes on from it.
  std::shared_ptr<const PrunedKeys> keys;
};

/// Finds the last pruning that was begun: its bundles are gone, or on the way out. One that was
/// prepared and never begun is not there.
/// Errors: Corrupt "audit-pruned-invalid" (its files are damaged, or missing though bundles are).
[[nodiscard]] Result<std::optional<Pruned>> read_pruned(const Folder& log);

/// What was prepared for the entries before `before`, whether it was begun or not.
/// Errors: Corrupt "audit-pruned-invalid" (damaged, missing, or not `told` where that is given: the
/// log's own word is what counts).
[[nodiscard]] Result<Pruned> read_pruned_at(const Folder& log, std::uint64_t before,
                                            const PrunedState* told = nullptr);

/// Reads what is to be deleted, a piece at a time, so that the log goes on serving meanwhile, and
/// proves it: what counts is what the signed root stands for, not what the disk holds.
/// Thread: one; keep() may be another's.
class PruneReading {
 public:
  PruneReading(const GivenOrder& order, const std::optional<Pruned>& before,
               std::uint64_t keys_max = kPrunedKeysMax);

  /// Takes in up to kPruneEntriesPerStep more entries. True when all are read and proved.
  /// Errors: those of the log; Corrupt "audit-entry-invalid", "audit-epoch-order",
  /// "audit-tiles-corrupt" (they do not lead to the log's root); Exhausted "prune-too-many-keys".
  [[nodiscard]] Result<bool> step(const Log& log);
  /// What the files that keep() writes will take at most.
  [[nodiscard]] std::uint64_t bytes() const;

  /// Writes both files durably, once all is read and proved, reads back what they say and gives it.
  /// Takes its time: a million keys a second, and the disk. Errors: of files; Malformed "field-…"
  /// (what it would say could not be read again: nothing counts yet).
  [[nodiscard]] Result<Pruned> keep(const Folder& log);

 private:
  [[nodiscard]] Done take_in(std::uint64_t index, ByteView entry);

  PrunedState state_;
  std::shared_ptr<const PrunedKeys> older_;  ///< of a pruning before
  PrunedKeys keys_;
  std::uint64_t keys_max_;
  EpochReader epochs_;
  std::uint64_t from_ = 0;
  std::uint64_t at_ = 0;
  std::optional<Frontier> frontier_;  ///< of the entries before at_, once begun
  bool proved_ = false;
};

/// Deletes bundles below `before`, from the highest on, at most kPruneFilesPerStep; true when none
/// is left. `at`, first `before`, is where it goes on. A crash leaves some: call it again.
[[nodiscard]] Result<bool> remove_bundles(const Folder& log, std::uint64_t before,
                                          std::uint64_t& at);

}  // namespace hangu::audit
