// hangu audit: its commands, and verify, which runs the stand-alone verifier, which shares no code
// with what wrote the log.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "cli/audit_pin.hpp"
#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/program_path.hpp"

namespace hangu::cli {
namespace {

constexpr std::string_view kVerifier = "hangu-audit-verify";

/// Runs `program` with our own streams and environment; its exit status.
Result<int> run_program(const std::string& program, std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (const int failed =
          ::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), ::environ);
      failed != 0)
    return fail(ErrorCode::internal, "spawn-failed", program, failed);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return fail(ErrorCode::internal, "spawn-failed", program, errno);
  if (!WIFEXITED(status)) return fail(ErrorCode::internal, "verifier-died", program);
  return WEXITSTATUS(status);
}

Result<Exit> run_verify(Session& session, const Arguments& arguments) {
  std::string folder = arguments.text("dir");
  if (folder.empty() && arguments.has("folder")) folder = arguments.text("folder") + "/audit";
  if (folder.empty()) return usage("DIR", "the log's folder, or --folder of a gateway");
  HANGU_TRY(const std::string binaries, program_folder());
  const std::string program = binaries + "/" + std::string(kVerifier);
  if (!path_exists(program)) return fail(ErrorCode::unavailable, "file-missing", program);
  std::vector<std::string> words{std::string(kVerifier), folder};
  for (const char* option : {"key", "gm-key", "stages"})
    if (arguments.has(option)) {
      words.push_back("--" + std::string(option));
      words.push_back(arguments.text(option));
    }
  for (const std::string& pin : arguments.list("pin")) {
    words.emplace_back("--pin");
    words.push_back(pin);
  }
  if (session.console.style().json) words.emplace_back("--json");
  words.insert(words.end(),
               {"--lang", session.console.style().language == Language::zh ? "zh" : "en"});
  (void)session.console.flush();  // our lines before the verifier's
  HANGU_TRY(const int status, run_program(program, std::move(words)));
  return static_cast<Exit>(status);  // the verifier's own codes, passed on
}

}  // namespace

CommandSpec audit_command() {
  return {
      "audit",
      both("审计日志", "the audit log"),
      {},
      {},
      {{"verify",
        both("用独立程序核验日志;退出码 0 完好,1 被改动,2 被截断,4 无法判断",
             "check the log with the stand-alone program; exit 0 good, 1 tampered, 2 truncated, "
             "4 cannot tell"),
        {{"dir", "DIR", both("日志文件夹(可以是副本)", "the log's folder; may be a copy"),
          OptionKind::positional},
         {"--folder", "DIR", both("网关文件夹(代替 DIR)", "a gateway's folder, instead of DIR")},
         {"--key", "FILE", both("日志公钥", "the log's key")},
         {"--gm-key", "FILE", both("日志的国密公钥", "the log's SM2 key")},
         {"--stages", "FILE", both("各阶段公钥", "the stages' keys")},
         {"--pin", "FILE",
          both("此前保存的检查点;可重复", "a checkpoint kept earlier; may be repeated"),
          OptionKind::list}},
        run_verify},
       audit_pin_command()}};
}

}  // namespace hangu::cli
