#pragma once
// The log's own keys, Ed25519 and SM2, and which of them sign which sizes: they roll over at the
// ends of epochs that tell it. docs/protocols/audit-log.md §6, §7.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// In force at one time.
struct LogKeys {
  std::optional<LogKey> key;
  std::optional<LogKey> gm;  ///< none: the log has no SM2 line then

  bool operator==(const LogKeys&) const = default;
};
/// The key of this kind that a member names; none when it is no such.
[[nodiscard]] std::optional<LogKey> key_in(const nlohmann::json& event, const char* name,
                                           KeyKind kind);
/// By the members of an event with these names. A text that is no such key is none.
[[nodiscard]] LogKeys log_keys_in(const nlohmann::json& event, const char* key, const char* gm);

/// An end of an epoch that told other keys.
struct KeyRoll {
  std::uint64_t size = 0;  ///< of the tree with this end: the last that the former ones sign
  LogKeys former;
  LogKeys next;
};
/// What the entry before `size` tells with this event; nothing when its `logKeys` are in no form of
/// such.
[[nodiscard]] std::optional<KeyRoll> read_roll(const nlohmann::json& event, std::uint64_t size);
/// Whether an end of an epoch tells of other keys at all.
[[nodiscard]] bool tells_roll(const nlohmann::json& event);

/// Thread: one; once it is filled its const functions any.
class KeyHistory {
 public:
  explicit KeyHistory(const Request& request) : request_(request) {}

  /// The keys at the beginning of what is read, and the entry among it that tells them.
  void begin(LogKeys keys, std::optional<Remark> place);
  /// What is told here begins behind so many entries: trees of no more may bear a former key's line
  /// that only Request::former names.
  void begin_behind(std::uint64_t size) { known_from_ = size; }
  /// False when it does not go on from the present keys.
  bool add(KeyRoll roll);

  [[nodiscard]] const std::vector<KeyRoll>& rolls() const { return rolls_; }
  /// What is wrong with a note's line by the log, and whose checkpoint it is; nothing without a
  /// given key. Of a given key that none of the entries names it is the line.
  [[nodiscard]] std::vector<Remark> check_log_line(const Note& note, const std::string& path) const;
  /// With its SM2 line beside, where the log has one.
  [[nodiscard]] std::vector<Remark> check_lines(const Note& note, const std::string& path) const;
  /// Whether it is another log's than that of the given key.
  [[nodiscard]] bool is_of_other(const Note& note) const {
    return request_.key && note.checkpoint.origin != request_.key->name;
  }
  /// A checkpoint of this log that was kept elsewhere; nothing when it is none, which is remarked.
  [[nodiscard]] std::optional<Note> read_pin(const std::string& pin, Report& report) const;
  /// True of a note of a pruned log with another line of its name, by a key that was in force
  /// before all that is told here and that nobody gave: nothing can be said of it.
  [[nodiscard]] bool is_before_all(const Note& note) const;
  /// True when the note has a good line by one of Request::former.
  [[nodiscard]] bool is_by_former(const Note& note) const;

  /// Whether the given keys are those that the log ends with: `key-former` for one of an earlier
  /// time, `genesis-key` for one that was never in force, if the entries were read to their end
  /// (`whole`).
  void judge_given(bool whole, Report& report) const;

 private:
  using Kind = std::optional<LogKey> LogKeys::*;

  void tell(const LogKeys& keys);
  [[nodiscard]] bool is_told(Kind kind) const {
    return kind == &LogKeys::key ? key_is_told_ : gm_is_told_;
  }
  [[nodiscard]] std::optional<LogKey> key_at(std::uint64_t size, Kind kind) const;
  void judge(Kind kind, const char* name, bool whole, Report& report) const;
  [[nodiscard]] const std::optional<LogKey>& given(Kind kind) const {
    return kind == &LogKeys::key ? request_.key : request_.gm_key;
  }

  const Request& request_;
  std::vector<KeyRoll> rolls_;      ///< ascending
  std::optional<LogKeys> present_;  ///< after the last of them; none: not told
  std::optional<Remark> begun_;
  bool key_is_told_ = false;  ///< the given one was in force at some time
  bool gm_is_told_ = false;
  std::uint64_t known_from_ = 0;
};

}  // namespace hangu_verify
