// hangu audit: the commands about the log, each in a file of its own.

#include "cli/audit_pin.hpp"
#include "cli/commands.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {

CommandSpec audit_command() {
  CommandSpec verify = audit_verify_command();
  for (CommandSpec& check : audit_query_checks()) verify.children.push_back(std::move(check));
  return {"audit",
          both("审计日志", "the audit log"),
          {},
          {},
          {std::move(verify), audit_compare_command(), audit_search_command(), audit_show_command(),
           audit_lineage_command(), audit_queries_command(), audit_index_command(),
           audit_export_command(), audit_report_command(), audit_archive_command(),
           audit_order_command(), audit_schema_command(), audit_pin_command()}};
}

}  // namespace hangu::cli
