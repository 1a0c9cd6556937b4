#pragma once
// Auditor: what the commands that look into an audit log share: the auditor's own folder with the
// index and the saved queries, how entries are shown, and exit statuses.

#include <functional>

#include "audit/reading/facts.hpp"
#include "audit/search/certificate.hpp"
#include "cli/command.hpp"
#include "cli/published_log.hpp"

namespace hangu::cli {

/// Exit statuses of what proves, those of `hangu audit verify`.
inline constexpr Exit kAuditTampered = static_cast<Exit>(1);
inline constexpr Exit kAuditCut = static_cast<Exit>(2);
inline constexpr Exit kAuditCannotTell = static_cast<Exit>(4);
/// That of an error.
[[nodiscard]] Exit audit_exit_of(const Error& error);
/// The exit status; an error is told, and becomes audit_exit_of().
[[nodiscard]] Result<Exit> settle_audit(Session& session, Result<Exit> exit);

/// --state: where the index and the saved queries are.
[[nodiscard]] OptionSpec state_option();
/// Makes the folder when it is not there. Errors: "usage-value" (no --state, and the environment
/// names no home); those of files.
[[nodiscard]] Result<std::string> state_folder(const Arguments& arguments);
/// The index of this log in it. Errors: Malformed "usage-into-log".
[[nodiscard]] Result<std::string> index_path(const Arguments& arguments, const PublishedLog& log);
/// The index, brought up to the log; how much was new is told to nobody.
[[nodiscard]] Result<audit::search::SearchIndex> open_updated_index(Session& session,
                                                                    const Arguments& arguments,
                                                                    const PublishedLog& log);
/// The same; tells with a note that it was begun anew.
[[nodiscard]] Result<audit::search::Updated> update_index(Session& session,
                                                          audit::search::SearchIndex& index,
                                                          const audit::LogReader& reader);

/// An entry's facts as a program reads them; empty members are left out.
[[nodiscard]] wire::JsonObject facts_to_json(const audit::EntryFacts& facts);
/// Index, time, type, actor, decision and sentence, for a table.
[[nodiscard]] std::vector<std::string> facts_to_row(const Session& session,
                                                    const audit::EntryFacts& facts);
[[nodiscard]] std::vector<std::string> facts_heading(const Session& session);
[[nodiscard]] std::string sentence_for(const Session& session, const audit::EntryFacts& facts);

/// Tells each difference, and how many more there are. True when there is none.
[[nodiscard]] bool tell_comparison(Session& session, const audit::search::Comparison& comparison);

}  // namespace hangu::cli
