#pragma once
// Published log: what commands that read an audit log share: which log, by which key, and where
// they must not write.

#include <string>
#include <vector>

#include "audit/export/line_format.hpp"
#include "audit/reading/log_reader.hpp"
#include "cli/command.hpp"

namespace hangu::cli {

struct PublishedLog {
  std::string folder;
  audit::LogReader reader;

  [[nodiscard]] audit::LineSource source(const Session& session) const;
};

/// DIR, --folder and --key.
[[nodiscard]] std::vector<OptionSpec> published_log_options();

/// The log that the caller names, its checkpoint's signature checked. Without --key that of
/// DIR/../anchors/log.vkey is taken, else the log's own word, which is told.
/// Errors: "usage-value"; those of LogReader::open.
[[nodiscard]] Result<PublishedLog> open_published_log(Session& session, const Arguments& arguments);

/// That `path`, which is to be written, lies outside the log.
/// Errors: Malformed "usage-into-log", "usage-dash".
[[nodiscard]] Done check_outside(const PublishedLog& log, std::string_view option,
                                 const std::string& path);

}  // namespace hangu::cli
