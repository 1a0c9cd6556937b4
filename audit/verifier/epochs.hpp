#pragma once
// The epochs of a log: which key signs the checkpoints of which sizes. docs/protocols/audit-log.md
// §6.

#include <optional>
#include <vector>

#include "audit/verifier/key_history.hpp"
#include "audit/verifier/walked.hpp"

namespace hangu_verify {

/// A value of the SM3 chain, and the entry that comes after it.
struct ChainStart {
  Hash value{};
  std::uint64_t from = 0;
};

/// One that the entries closed.
struct ClosedEpoch {
  std::uint64_t number = 0;
  LogKey key;
  std::uint64_t first = 0;
  std::uint64_t size = 0;    ///< of the tree with its closing entry: its last checkpoint's
  std::string time;          ///< of the closing entry
  ChainStart chain_start;    ///< as the end before told it
  std::string chain;         ///< of the entries before the closing one, as that tells it: hex
  std::string place;         ///< the closing entry's file,
  std::uint64_t offset = 0;  ///< and where in it
};

/// Where to go on when the entries before are not read.
struct EpochState {
  std::uint64_t number = 0;
  std::uint64_t first = 0;
  LogKey key;
  std::optional<LogKeys> log_keys{};  ///< none: the first roll-over behind will tell them
  std::optional<Remark> told_by{};    ///< the entry that tells them
  std::vector<KeyRoll> rolls{};       ///< roll-overs before, as far as they are known
  ChainStart chain{};
};

/// Follows the entries in order. Thread: one; check_note() any.
class Epochs {
 public:
  Epochs(const Request& request, Report& report) : keys_(request), report_(report) {}

  void begin_at(EpochState state);
  /// `before` is the tree of the entries before this one.
  void see(const Walked& entry, const Frontier& before);

  [[nodiscard]] const std::vector<ClosedEpoch>& closed() const { return closed_; }
  /// What is wrong with a note's lines: of the log's key, of the epoch that its size lies in (if
  /// the entries up to `seen` tell of it), and of the SM2 key where there is one. `path` names it.
  /// Of a `copy` for witnesses only the log's line counts.
  [[nodiscard]] std::vector<Remark> check_note(const Note& note, const std::string& path,
                                               std::uint64_t seen, bool copy = false) const;
  /// The present epoch's number: those before are closed.
  [[nodiscard]] std::uint64_t number() const { return number_; }
  /// Its first entry.
  [[nodiscard]] std::uint64_t first() const { return first_; }
  [[nodiscard]] const std::optional<LogKey>& present() const { return present_; }
  /// The log's own.
  [[nodiscard]] const KeyHistory& keys() const { return keys_; }

 private:
  void begin(const Walked& entry);
  void close(const Walked& entry, const Frontier& before);

  KeyHistory keys_;
  Report& report_;
  std::vector<ClosedEpoch> closed_;
  std::optional<LogKey> present_;
  std::uint64_t number_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t known_from_ = 0;  ///< sizes up to this lie in epochs that were not read
  ChainStart chain_;
};

}  // namespace hangu_verify
