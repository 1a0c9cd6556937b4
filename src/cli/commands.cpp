#include "cli/commands.hpp"

#include "cli/phrases.hpp"

namespace hangu::cli {

CommandSpec version_command() {
  return {"version",
          both("版本", "the version"),
          {},
          [](Session& session, const Arguments&) -> Result<Exit> {
            session.console.event("version", {{"version", HANGU_VERSION}});
            session.console.line("hangu " HANGU_VERSION);
            return Exit::done;
          }};
}

std::vector<CommandSpec> own_commands() {
  return {pack_command(),     submit_command(),  status_command(),  list_command(),
          watch_command(),    fetch_command(),   open_command(),    receipt_command(),
          withdraw_command(), pending_command(), approve_command(), refuse_command(),
          pki_command(),      policy_command(),  posture_command(), audit_command(),
          witness_command(),  doctor_command(),  version_command()};
}

OptionSpec identity_option() {
  return {"--identity", "DIR",
          both("身份文件夹(hangu pki issue 所建)", "identity folder, as hangu pki issue makes it"),
          OptionKind::value, true};
}

OptionSpec gateway_option(bool required) {
  return {"--gateway", "HOST:PORT",
          both("本区域的网关入口", "the entrance of the gateway in this zone"), OptionKind::value,
          required};
}

OptionSpec server_name_option() {
  return {"--server-name", "NAME",
          both("网关证书须有的名字(默认:HOST)",
               "name that the gateway's certificate must carry (default: HOST)")};
}

OptionSpec transfer_argument(bool required) {
  return {"id", "ID", both("传输的 32 位十六进制编号", "the transfer's id, 32 hex digits"),
          OptionKind::positional, required};
}

Result<TransferId> transfer_of(const Arguments& arguments) {
  return from_option("ID", TransferId::create(arguments.text("id")));
}

}  // namespace hangu::cli
