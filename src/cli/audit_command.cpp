// hangu audit: the commands about the log, each in a file of its own.

#include "cli/commands.hpp"
#include "cli/phrases.hpp"

namespace hangu::cli {

CommandSpec audit_command() {
  CommandSpec verify = audit_verify_command();
  // What checks the index and its certificates joins the checks here: verify.children.push_back(…).
  return {"audit",
          both("审计日志", "the audit log"),
          {},
          {},
          {std::move(verify), audit_compare_command()}};
}

}  // namespace hangu::cli
