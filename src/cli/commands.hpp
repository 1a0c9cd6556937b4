#pragma once
// Commands: one function a group, each in a file of its own; own_commands() gathers them.

#include "base/ids.hpp"
#include "cli/command.hpp"

namespace hangu::cli {

[[nodiscard]] CommandSpec pki_command();
[[nodiscard]] CommandSpec pki_grant_command();
[[nodiscard]] CommandSpec pack_command();
[[nodiscard]] CommandSpec submit_command();
[[nodiscard]] CommandSpec status_command();
[[nodiscard]] CommandSpec list_command();
[[nodiscard]] CommandSpec watch_command();
[[nodiscard]] CommandSpec withdraw_command();
[[nodiscard]] CommandSpec receipt_command();
[[nodiscard]] CommandSpec fetch_command();
[[nodiscard]] CommandSpec open_command();
[[nodiscard]] CommandSpec pending_command();
[[nodiscard]] CommandSpec approve_command();
[[nodiscard]] CommandSpec refuse_command();
[[nodiscard]] CommandSpec policy_command();
[[nodiscard]] CommandSpec policy_render_command();
[[nodiscard]] CommandSpec policy_contains_command();
[[nodiscard]] CommandSpec policy_diff_command();
[[nodiscard]] CommandSpec policy_replay_command();
[[nodiscard]] CommandSpec policy_explain_command();
[[nodiscard]] CommandSpec policy_prove_command();
[[nodiscard]] CommandSpec posture_command();
[[nodiscard]] CommandSpec policy_label_command();
[[nodiscard]] CommandSpec audit_command();
[[nodiscard]] CommandSpec audit_archive_command();
[[nodiscard]] CommandSpec audit_export_command();
[[nodiscard]] CommandSpec audit_index_command();
[[nodiscard]] CommandSpec audit_lineage_command();
[[nodiscard]] CommandSpec audit_order_command();
[[nodiscard]] CommandSpec audit_queries_command();
/// Children of `audit verify`.
[[nodiscard]] std::vector<CommandSpec> audit_query_checks();
[[nodiscard]] CommandSpec audit_report_command();
[[nodiscard]] CommandSpec audit_schema_command();
[[nodiscard]] CommandSpec audit_search_command();
[[nodiscard]] CommandSpec audit_show_command();
[[nodiscard]] CommandSpec audit_verify_command();
[[nodiscard]] CommandSpec audit_compare_command();
[[nodiscard]] CommandSpec witness_command();
[[nodiscard]] CommandSpec doctor_command();
[[nodiscard]] CommandSpec version_command();

/// Options that several commands share.
[[nodiscard]] OptionSpec identity_option();
[[nodiscard]] OptionSpec gateway_option(bool required = true);
[[nodiscard]] OptionSpec server_name_option();
[[nodiscard]] OptionSpec transfer_argument(bool required = true);

/// The transfer that the argument names. Errors: "usage-value".
[[nodiscard]] Result<TransferId> transfer_of(const Arguments& arguments);

}  // namespace hangu::cli
