#pragma once
// Published log: what commands that read an audit log share: which log, by which key, and where
// they must not write.

#include <string>
#include <vector>

#include "audit/export/line_format.hpp"
#include "audit/reading/log_reader.hpp"
#include "cli/command.hpp"

namespace hangu::cli {

/// Whose word the log's key may be.
enum class KeyFrom : std::uint8_t {
  anybody,  ///< --key, else anchors/log.vkey beside the log, else the log's own word; which is told
  others,   ///< not the log's own: what is said with it is a proof
};

struct PublishedLog {
  std::string folder;
  audit::LogReader reader;
  bool key_given = false;              ///< by --key
  std::vector<audit::NoteKey> former;  ///< keys before it, as the file beside it lists them

  /// Takes the checkpoint anew, which must go on from the one that was taken before.
  /// Errors: those of LogReader; Corrupt "log-root-differs".
  [[nodiscard]] Done look_again();

  [[nodiscard]] audit::LineSource source(const Session& session) const;
};

/// DIR, --folder and --key.
[[nodiscard]] std::vector<OptionSpec> published_log_options();

/// The log that the caller names, its checkpoint's signature checked.
/// Errors: "usage-value"; Unavailable "log-key-not-given" (KeyFrom::others, and there is none);
/// those of LogReader::open.
[[nodiscard]] Result<PublishedLog> open_published_log(Session& session, const Arguments& arguments,
                                                      KeyFrom from = KeyFrom::anybody);

/// A note of what was pruned and is in no answer from this log; nothing when nothing was.
void tell_pruned(Session& session, const PublishedLog& log);

/// That `path`, which is to be written, lies outside the log.
/// Errors: Malformed "usage-into-log", "usage-dash".
[[nodiscard]] Done check_outside(const PublishedLog& log, std::string_view option,
                                 const std::string& path);

}  // namespace hangu::cli
