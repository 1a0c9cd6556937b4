#pragma once
// The checkpoints that stand beside a log's present one: old ones, those of closed epochs, those
// that witnesses cosigned, and those that somebody kept elsewhere.

#include <map>
#include <set>
#include <string>

#include "audit/verifier/head.hpp"
#include "audit/verifier/quorum.hpp"
#include "audit/verifier/walk.hpp"

namespace hangu_verify {

/// Thread: one.
class FolderNotes {
 public:
  FolderNotes(const Request& request, Report& report, const LogFiles& files)
      : request_(request), report_(report), files_(files), quorum_(request.policy) {}

  /// Reads all of them, and asks the walk for their sizes. `head` is the present one, with that of
  /// the witnesses.
  void read(const FileIndex& index, const Head& head, Walk& walk);
  /// Their lines and roots, and whether each closed epoch has its own. The walk came to its end.
  /// With `all` the epochs before those that the walk saw must have theirs too.
  void check(const Walk& walk, std::uint64_t size, bool all = true);
  /// Each checkpoint that was kept elsewhere must be a prefix of this log.
  void check_pins(const Walk& walk);
  [[nodiscard]] const Quorum& quorum() const { return quorum_; }
  /// The largest size below `size` whose signed root was found to be the entries'.
  [[nodiscard]] std::uint64_t matched_below(std::uint64_t size) const;

 private:
  void check_ahead(const std::string& path, const Note& note, const KeyHistory& keys);
  void check_epochs(const Walk& walk, bool all);
  void compare(const std::string& path, const Note& note, const Walk& walk);

  const Request& request_;
  Report& report_;
  const LogFiles& files_;
  Quorum quorum_;
  std::map<std::string, Note> notes_;  ///< by path
  std::set<std::uint64_t> matched_;    ///< sizes
};

}  // namespace hangu_verify
