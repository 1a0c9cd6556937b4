#pragma once
// Auditor: what the commands that look into an audit log share: the auditor's own folder with the
// index and the saved queries, how entries are shown, and exit statuses.

#include <functional>

#include "audit/reading/facts.hpp"
#include "audit/search/certificate.hpp"
#include "cli/command.hpp"
#include "cli/published_log.hpp"

namespace hangu::cli {

/// Exit statuses of every command of `hangu audit`: 0 good, 1 tampered, 2 cut or put back, 3 not
/// witnessed, 4 cannot tell, which an unusable command line is too.
inline constexpr Exit kAuditTampered = static_cast<Exit>(1);
inline constexpr Exit kAuditCut = static_cast<Exit>(2);
inline constexpr Exit kAuditCannotTell = static_cast<Exit>(4);
/// That of an error.
[[nodiscard]] Exit audit_exit_of(const Error& error);
/// The exit status; an error is told, and becomes audit_exit_of(). audit_command() puts it around
/// every command.
[[nodiscard]] Result<Exit> settle_audit(Session& session, Result<Exit> exit);

/// --state: where the index and the saved queries are.
[[nodiscard]] OptionSpec state_option();
/// Makes the folder when it is not there. Errors: "usage-value" (no --state, and the environment
/// names no home); those of files.
[[nodiscard]] Result<std::string> state_folder(const Arguments& arguments);
/// The index of this log in it. Errors: Malformed "usage-into-log".
[[nodiscard]] Result<std::string> index_path(const Arguments& arguments, const PublishedLog& log);
/// Brings the index in file `path` up to the log; with --rebuild begins it anew. Takes the log's
/// checkpoint again when another command has indexed more meanwhile. The caller holds the folder's
/// lock. Errors: those of audit::search::update_index.
[[nodiscard]] Result<audit::search::Updated> bring_up_index(Session& session,
                                                            const Arguments& arguments,
                                                            PublishedLog& log,
                                                            const std::string& path);
/// The index, brought up to the log. Waits while another command does. What is missing of the log
/// must have been pruned.
[[nodiscard]] Result<audit::search::SearchIndex> open_updated_index(Session& session,
                                                                    const Arguments& arguments,
                                                                    PublishedLog& log);
/// The index as it is. The same.
[[nodiscard]] Result<audit::search::SearchIndex> open_kept_index(const Arguments& arguments,
                                                                 PublishedLog& log);

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
