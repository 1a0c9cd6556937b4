// hangu audit verify, hangu audit compare: run the stand-alone verifier, which shares no code with
// what wrote the log. docs/operations/auditor-verify.md.

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "cli/audit_phrases.hpp"
#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/program_path.hpp"

namespace hangu::cli {
namespace {

constexpr std::string_view kCompare =
    "compare";  ///< says what two logs have in common, proves none
constexpr std::string_view kProof = "proof";
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

/// The verifier's own codes, passed on.
Result<Exit> run_verifier(Session& session, std::vector<std::string> words) {
  HANGU_TRY(const std::string binaries, program_folder());
  const std::string program = binaries + "/" + std::string(kVerifier);
  if (!path_exists(program)) return fail(ErrorCode::unavailable, "file-missing", program);
  words.insert(words.begin(), std::string(kVerifier));
  if (session.console.style().json) words.emplace_back("--json");
  words.insert(words.end(),
               {"--lang", session.console.style().language == Language::zh ? "zh" : "en"});
  (void)session.console.flush();  // our lines before the verifier's
  HANGU_TRY(const int status, run_program(program, std::move(words)));
  return static_cast<Exit>(status);
}

/// One check of the verifier: its name, and what it takes beside the options of all.
struct Check {
  std::string name;
  Bilingual help;
  std::vector<OptionSpec> own{};
};

/// What every check takes.
std::vector<OptionSpec> common() {
  return {
      {"--key", "FILE",
       both("日志公钥,自己保管的;不给出则用日志旁边的 anchors/log.vkey",
            "the log's key, that you keep yourself; else anchors/log.vkey beside the log")},
      {"--gm-key", "FILE", both("日志的国密公钥", "the log's SM2 key")},
      {"--former-keys", "FILE",
       both("日志已停用的旧公钥,每行一把;不给出则用日志旁边的 anchors/log-former.vkey",
            "the log's former keys, one vkey a line; else anchors/log-former.vkey beside the log")},
      {"--stages", "FILE", both("各阶段公钥", "the stages' keys")},
      {"--auditors", "FILE",
       both("审计员公钥:其中两人下令才可删除旧条目",
            "the auditors' keys: two of them order what is pruned")},
      {"--policy", "FILE",
       both("见证策略(tlog-policy);未达法定数则退出码 3",
            "a witness policy (tlog-policy); 3 when its quorum is not there")},
      {"--lag", "SECONDS",
       both("最新条目可以晚这么久才被见证(默认 0)",
            "how long the newest entries may wait for witnesses (default 0)")},
      {"--threads", "N", both("线程数", "threads")}};
}

OptionSpec folder_argument() {
  return {"dir", "DIR",
          both("日志文件夹(可以是副本或介质上的归档;tar 文件请先解包)",
               "the log's folder; or a copy, or an archive on media; a tar file is unpacked first"),
          OptionKind::positional};
}

OptionSpec gateway_folder() {
  return {"--folder", "DIR", both("网关文件夹(代替 DIR)", "a gateway's folder, instead of DIR")};
}

OptionSpec any_pins() {
  return {"--pin", "FILE",
          both("此前保存的检查点;可重复", "a checkpoint kept earlier; may be repeated"),
          OptionKind::list};
}

std::vector<OptionSpec> pins() { return {folder_argument(), gateway_folder(), any_pins()}; }

/// The words by place, then the options that were given. `dir` may come by --folder.
Result<std::vector<std::string>> words_of(const std::string& name,
                                          const std::vector<OptionSpec>& options,
                                          const Arguments& arguments) {
  std::vector<std::string> words{name};
  std::vector<std::string> named;
  for (const OptionSpec& option : options) {
    if (option.kind == OptionKind::positional) {
      std::string word = arguments.text(option.name);
      if (word.empty() && option.name == "dir" && arguments.has("folder"))
        word = arguments.text("folder") + "/audit";
      if (word.empty()) return usage("DIR", "the log's folder, or --folder of a gateway");
      words.push_back(word);
    } else if (option.name != "--folder") {
      for (const std::string& value : arguments.list(option.name.substr(2)))
        named.insert(named.end(), {option.name, value});
    }
  }
  words.insert(words.end(), named.begin(), named.end());
  return words;
}

CommandSpec command_of(Check check) {
  std::vector<OptionSpec> options = std::move(check.own);
  std::ranges::move(common(), std::back_inserter(options));
  const std::string name = check.name;
  return {name, check.help, options,
          [name, options](Session& session, const Arguments& arguments) -> Result<Exit> {
            HANGU_TRY(auto words, words_of(name, options, arguments));
            if (name == kProof && !arguments.has("entry") && !arguments.has("index"))
              return usage("--entry", "the entry's file, or --index of one in DIR");
            if (name != kCompare && !arguments.has("key") &&
                path_exists(words[1] + "/../anchors/log.vkey"))
              session.console.note(session.console.say(phrase::kKeyBeside));
            return run_verifier(session, std::move(words));
          }};
}

std::vector<Check> checks() {
  return {
      {"full",
       both("每个条目重新计算,每个文件比较", "every entry hashed again, every file compared"),
       pins()},
      {"incremental",
       both("只核验此前保存的检查点之后的条目", "only what came since a checkpoint kept earlier"),
       {folder_argument(),
        gateway_folder(),
        {"--pin", "FILE", both("此前保存的检查点", "the checkpoint"), OptionKind::value, true},
        {"--write-pin", "FILE",
         both("完好时把新检查点存到这里", "keep the new one here when all is good")}}},
      {std::string(kProof),
       both("离线核验一个条目的 .tlog-proof;或 DIR 中的一条",
            "an entry's .tlog-proof, offline; or one entry of DIR"),
       {{"dir", "FILE",
         both(".tlog-proof 文件,或日志文件夹", "a .tlog-proof file, or a log's folder"),
         OptionKind::positional, true},
        {"--entry", "FILE", both("条目文件", "the entry")},
        {"--index", "N", both("条目的序号", "the entry's index")},
        {"--log", "DIR",
         both("日志文件夹:其开头须是收据检查点所签的内容;没有它、--pin 或 --policy 则退出码 4",
              "a log's folder, which must begin with what the receipt's checkpoint signs; without "
              "it, "
              "--pin or --policy exit 4")},
        any_pins()}},
      {"range",
       both("核验 A 到 B 之前的条目,证明到检查点", "entries A up to B, proven to the checkpoint"),
       {{"dir", "DIR", both("日志文件夹", "the log's folder"), OptionKind::positional, true},
        {"from", "A", both("第一个条目", "the first"), OptionKind::positional, true},
        {"to", "B", both("到此条目之前", "up to this one"), OptionKind::positional, true},
        any_pins()}},
      {"epochs", both("核验,并列出各时期", "full, and the epochs"), pins()},
      {"gaps",
       both("核验,并列出缺失的心跳、序号和结束", "full, and missing heartbeats, numbers and ends"),
       pins()},
      {"time", both("核验,并列出时钟的变化", "full, and what the clock did"), pins()},
  };
}

}  // namespace

/// Children that do not run the stand-alone program (index, query) are added by audit_command().
CommandSpec audit_verify_command() {
  CommandSpec whole = command_of(
      {"full",
       both(
           "用独立程序核验日志(不写检查名即 full);退出码 0 完好,1 被改动,2 被截断或回退,"
           "3 见证不足,4 无法判断",
           "check the log with the stand-alone program (full when no check is named); exit 0 good, "
           "1 tampered, 2 truncated or rolled back, 3 not witnessed, 4 cannot tell"),
       pins()});
  whole.name = "verify";
  for (Check& check : checks()) whole.children.push_back(command_of(std::move(check)));
  return whole;
}

CommandSpec audit_compare_command() {
  return command_of(
      {std::string(kCompare),
       both("比较两份日志(文件夹或保存的检查点),找出第一个不同的条目",
            "two logs (folders or kept checkpoints) beside each other: the first that differs"),
       {{"first", "A", both("文件夹或检查点文件", "a folder or a checkpoint"),
         OptionKind::positional, true},
        {"second", "B", both("文件夹或检查点文件", "a folder or a checkpoint"),
         OptionKind::positional, true}}});
}

}  // namespace hangu::cli
