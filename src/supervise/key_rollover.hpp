#pragma once
// Key roll-over: the log's own keys are replaced between two runs. The former ones sign once more,
// to name the next, and are gone when the log's program serves.
// docs/operations/key-roll-over.md, docs/protocols/audit-log.md §6.

#include "audit/note.hpp"
#include "base/entropy.hpp"
#include "config/gateway.hpp"
#include "config/layout.hpp"

namespace hangu::supervise {

/// The log's own keys, and where they lie while they roll over.
struct LogKeyFiles {
  explicit LogKeyFiles(const config::Layout& layout);
  std::string folder;
  std::string key;
  std::string gm_key;
  std::string former_key;     ///< missing but for the start that tells of it
  std::string former_gm_key;  ///< the same
  std::string erased_key;     ///< being erased
  std::string erased_gm_key;  ///< the same
};

struct LogVkeys {
  audit::NoteKey log;
  audit::NoteKey gm;
};

/// Makes what is missing of the log's own keys, for its program alone, and writes the public halves
/// into anchors/. A roll-over or an erasing that was broken off between two files is brought to its
/// end first.
[[nodiscard]] Result<LogVkeys> make_log_keys(const config::Layout& layout,
                                             const config::Gateway& gateway, Entropy& entropy);

/// Puts the keys of a gateway that does not run aside as former ones and makes new ones; the next
/// start tells the log. Errors: Unavailable "log-keys-missing" (the gateway never ran); Malformed
/// "log-keys-rolling" (the start before has not told yet); Exhausted "vkeys-too-many"; of files.
[[nodiscard]] Result<LogVkeys> roll_log_keys(const config::Layout& layout,
                                             const config::Gateway& gateway, Entropy& entropy);

/// The log has told: overwrites and removes the former keys, if there are any. That of SM2 is
/// always moved first: one alone tells what was broken off. Errors: of files.
[[nodiscard]] Done erase_former_log_keys(const config::Layout& layout);

}  // namespace hangu::supervise
