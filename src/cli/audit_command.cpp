// hangu audit: the commands about the log, each in a file of its own.

#include "cli/audit_pin.hpp"
#include "cli/auditor.hpp"
#include "cli/commands.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {
namespace {

/// Gives every command below the exit statuses of an auditor's.
CommandSpec settled(CommandSpec command) {
  for (CommandSpec& child : command.children) child = settled(std::move(child));
  if (command.run)
    command.run = [run = std::move(command.run)](Session& session, const Arguments& arguments) {
      return settle_audit(session, run(session, arguments));
    };
  return command;
}

}  // namespace

CommandSpec audit_command() {
  CommandSpec verify = audit_verify_command();
  for (CommandSpec& check : audit_query_checks()) verify.children.push_back(std::move(check));
  return settled(
      {"audit",
       both("审计日志", "the audit log"),
       {},
       {},
       {std::move(verify), audit_compare_command(), audit_search_command(), audit_show_command(),
        audit_lineage_command(), audit_queries_command(), audit_index_command(),
        audit_export_command(), audit_report_command(), audit_archive_command(),
        audit_order_command(), audit_schema_command(), audit_pin_command()}});
}

}  // namespace hangu::cli
