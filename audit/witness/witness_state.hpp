#pragma once
// WitnessState: what a witness remembers of the logs that it watches, and the decision over each
// request. docs/protocols/audit-witness.md §3.
//
// One durable file for each origin, replaced whole: temporary file, sync, rename, sync of the
// folder. Not a database: the state is one small text that any C2SP reader can check, nothing is
// ever asked of it but by its origin, and a rename is the one atomic step that is needed.
//
// A state counts, and is told, only when this process knows that it is durable: what it did not
// write itself it writes once more first. A disk that fails ends the witness: what it holds is
// unknown then, and no second sync would tell.

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/folder.hpp"
#include "audit/witness/add_checkpoint.hpp"
#include "audit/witness/cosignature.hpp"
#include "base/time.hpp"

namespace hangu::audit {

/// What came of one request, for the operator.
enum class WitnessFinding : std::uint8_t {
  cosigned,
  refused,    ///< malformed, unknown, unsigned, or from another size
  forked,     ///< the log signed a tree that does not go with what it signed before
  bad_proof,  ///< well signed, and the proof does not lead there: a fork, or a broken client
  unable,     ///< the clock, the disk, or another process that holds the state
};

struct WitnessVerdict {
  WitnessAnswer answer;
  WitnessFinding finding = WitnessFinding::refused;
  std::string detail;  ///< printable: origin, sizes
};

/// What a witness keeps of a log, as text: a note with one line of each key at most. Also of a
/// state that an earlier version wrote, which kept every line that came. Errors: Malformed
/// "note-malformed"; Exhausted "note-too-long", "note-signatures".
[[nodiscard]] Result<Note> parse_witness_state(std::string_view state);

/// Thread: any. Several processes may have one folder: each request takes its lock.
class WitnessState {
 public:
  /// `logs`: the keys that are trusted, by origin (several of one origin may be). `clock` must
  /// outlive it. Errors: Malformed "witness-logs-invalid" (none, too many, not of a log's type).
  [[nodiscard]] static Result<std::unique_ptr<WitnessState>> create(std::unique_ptr<Folder> folder,
                                                                    Cosigner cosigner,
                                                                    std::vector<NoteKey> logs,
                                                                    const Clock& clock);

  /// Decides on an add-checkpoint body. What is cosigned is durable before it is answered; between
  /// the look at what was cosigned before and that, nobody else changes it.
  [[nodiscard]] WitnessVerdict add_checkpoint(std::string_view body);

  /// The last cosigned checkpoint of the log whose origin has this SHA-256 (hex), durable; nothing
  /// when there is none. Errors: Corrupt "witness-state-corrupt"; Unavailable "witness-busy";
  /// Internal "witness-disk-failed".
  [[nodiscard]] Result<std::optional<std::string>> latest(std::string_view origin_hash);

  /// True once the disk failed while something was stored: from then on nothing is cosigned nor
  /// told, and the process should end.
  [[nodiscard]] bool disk_failed() const { return disk_failed_; }

  [[nodiscard]] const NoteKey& key() const { return cosigner_.key(); }

 private:
  /// What stands for an origin; size 0 and no note: never cosigned.
  struct Seen {
    TreeHead head;
    std::string note;
  };
  WitnessState(std::unique_ptr<Folder> folder, Cosigner cosigner,
               std::map<std::string, std::vector<NoteKey>, std::less<>> logs, const Clock& clock)
      : folder_(std::move(folder)),
        cosigner_(std::move(cosigner)),
        logs_(std::move(logs)),
        clock_(clock) {}

  [[nodiscard]] Result<WitnessVerdict> judge(const AddCheckpoint& request, const Note& note,
                                             const Checkpoint& checkpoint,
                                             const std::vector<NoteKey>& keys);
  [[nodiscard]] Result<std::string> stored(const Folder& folder, const std::string& origin) const;
  [[nodiscard]] Result<Seen> parse(const std::string& origin, const std::string& state) const;
  [[nodiscard]] Result<Seen> seen(const Folder& folder, const std::string& origin);
  [[nodiscard]] Done keep(const Folder& folder, const std::string& origin, const Note& note);
  [[nodiscard]] Done keep_conflict(const Folder& folder, const std::string& origin,
                                   const std::string& note);
  [[nodiscard]] Done replace(const Folder& folder, const std::string& name,
                             const std::string& text);
  [[nodiscard]] Result<std::unique_ptr<Folder>> locked() const;

  std::unique_ptr<Folder> folder_;
  Cosigner cosigner_;
  std::map<std::string, std::vector<NoteKey>, std::less<>> logs_;
  const Clock& clock_;
  std::mutex mutex_;  ///< of this process's requests, so that they wait in line
  /// By origin: the state that this process made durable, or saw to be.
  std::map<std::string, std::string, std::less<>> durable_;
  std::atomic<bool> disk_failed_ = false;
};

/// Hex SHA-256 of an origin: its name in the state and in the monitoring path.
[[nodiscard]] std::string origin_hash_of(std::string_view origin);

}  // namespace hangu::audit
