#pragma once
// What every check of a log begins and ends with: its checkpoint, the one that witnesses saw, those
// that were kept elsewhere, and the time since when it is wrong.

#include <optional>

#include "audit/verifier/log_files.hpp"
#include "audit/verifier/report.hpp"

namespace hangu_verify {

/// The last checkpoint that the log itself keeps with the lines of its witnesses.
inline constexpr const char* kWitnessed = "witness/checkpoint";

struct Head {
  Note note;
  std::optional<Note> witnessed;
};

/// The folder's checkpoint; nothing when it cannot be used, which is remarked. It is remembered for
/// Report::checkpoint, and a missing key is remarked. kWitnessed is read before it, so that of a
/// log that is written meanwhile it is not the larger one; when it is none, that is remarked.
/// `place` goes before the paths in remarks.
[[nodiscard]] std::optional<Head> read_head(const Request& request, const LogFiles& files,
                                            Report& report, const std::string& place = {});
/// What is wrong with the note's line by `key`: "line-missing", "line-bad".
[[nodiscard]] std::vector<Remark> check_line_by(const LogKey& key, const Note& note,
                                                const std::string& path);
/// The same of the log's own line, and of whose checkpoint it is; nothing without a key.
[[nodiscard]] std::vector<Remark> check_log_line(const std::optional<LogKey>& key, const Note& note,
                                                 const std::string& path);

/// The time of an entry of a log of `size`; empty when it cannot be read.
[[nodiscard]] std::string time_of(const LogFiles& files, std::uint64_t size, std::uint64_t entry);
/// Report::since, by Report::first_bad.
void tell_since(const LogFiles& files, std::uint64_t size, Report& report);

}  // namespace hangu_verify
