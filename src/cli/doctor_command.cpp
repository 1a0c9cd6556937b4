// hangu doctor: what this machine offers a gateway, and what it lacks.

#include <arpa/inet.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/identity.hpp"
#include "cli/phrases.hpp"
#include "cli/program_path.hpp"
#include "cli/witness_health.hpp"
#include "config/gateway.hpp"
#include "config/tpm_device.hpp"
#include "line/forward_status.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/landlock.hpp"

namespace hangu::cli {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
constexpr std::uint64_t kFreeGood = 20 * kGiB;
constexpr std::uint64_t kFreeLeast = 2 * kGiB;
constexpr rlim_t kLockedGood = rlim_t{1} << 20;

enum class Health : std::uint8_t { ok, warn, fail };

struct Finding {
  std::string_view check;
  Health health = Health::ok;
  std::string detail;
  Bilingual meaning;
};

Finding user() {
  return {"user", ::geteuid() == 0 ? Health::ok : Health::warn,
          "uid " + std::to_string(::geteuid()),
          both("root 才能给每个程序各自的 uid 和网络命名空间",
               "only root can give each program an own uid and network namespace")};
}

Finding kernel() {
  utsname name{};
  const bool known = ::uname(&name) == 0;
  return {"kernel", known ? Health::ok : Health::warn,
          known ? std::string(static_cast<const char*>(name.release)) : "?",
          both("内核版本", "version of the kernel")};
}

/// Tries in a child, so that this process keeps its own network.
Finding namespaces() {
  const pid_t child = ::fork();
  if (child == 0) {
    const int flags = ::geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET;
    ::_exit(::unshare(flags) == 0 ? 0 : 1);
  }
  int status = 1;
  const bool can = child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                   WEXITSTATUS(status) == 0;
  return {"namespaces", can ? Health::ok : Health::warn, can ? "net" : "-",
          both("没有网络命名空间,各区域只能共用回环端口",
               "without network namespaces all zones share loopback ports")};
}

Finding landlock() {
  const int abi = os::landlock_abi();
  return {"landlock", abi > 0 ? Health::ok : Health::warn, "ABI " + std::to_string(abi),
          both("Landlock 把每个程序关在自己的文件夹里",
               "Landlock keeps each program to its own folders")};
}

Finding seccomp() {
  const std::uint32_t action = SECCOMP_RET_KILL_PROCESS;
  const bool can = ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
  return {
      "seccomp", can ? Health::ok : Health::fail, can ? "kill-process" : "-",
      both("没有 seccomp 过滤,程序不会启动", "without seccomp filters the programs do not start")};
}

/// Makes an unnamed file and proves it frozen, as the custodian does with every output.
std::vector<Finding> storage(const std::string& folder) {
  constexpr Bilingual kUnnamed =
      both("对象库需要无名文件(O_TMPFILE)", "the object store needs unnamed files (O_TMPFILE)");
  constexpr Bilingual kLeases =
      both("对象库靠读租约证明没有人还能写",
           "the object store proves by read leases that nobody can still write");
  constexpr Bilingual kFree =
      both("接收要预留所报大小的五倍", "receive reserves five times the declared size");
  const auto opened = os::open_folder(folder);
  if (!opened)
    return {{"folder", Health::fail, opened.error().message(),
             both("文件夹打不开", "the folder cannot be opened")}};
  auto unnamed = os::create_unnamed(opened->view());
  std::vector<Finding> out{{"unnamed-files", unnamed ? Health::ok : Health::fail,
                            unnamed ? printable(folder) : unnamed.error().message(), kUnnamed}};
  if (unnamed) {
    auto reader = os::reopen_read_only(unnamed->view());
    unnamed->reset();
    const Done frozen =
        reader ? os::prove_frozen(reader->view()) : Done(std::unexpected(reader.error()));
    out.push_back({"leases", frozen ? Health::ok : Health::fail,
                   frozen ? printable(folder) : frozen.error().message(), kLeases});
  }
  const auto free = os::free_bytes(opened->view());
  const std::uint64_t bytes = free ? *free : 0;
  out.push_back({"free-space",
                 bytes >= kFreeGood    ? Health::ok
                 : bytes >= kFreeLeast ? Health::warn
                                       : Health::fail,
                 bytes_text(bytes), kFree});
  return out;
}

Finding clock() {
  const auto now = os::SystemClock(true).now();
  return {"clock", now ? Health::ok : Health::warn, now ? now->to_text() : "not synchronised",
          both("时间未知时,需要时间的事都会被拒绝", "an unknown time denies whatever needs it")};
}

Finding ports() {
  const os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  static_assert(sizeof(generic) == sizeof(address));
  __builtin_memcpy(&generic, &address, sizeof(address));
  const bool can = socket.valid() && ::bind(socket.get(), &generic, sizeof(generic)) == 0 &&
                   ::listen(socket.get(), 1) == 0;
  return {"ports", can ? Health::ok : Health::fail, "127.0.0.1",
          both("各区域的入口要能监听", "the zones' entrances must be able to listen")};
}

Finding locked_memory() {
  rlimit limit{};
  const bool good = ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur >= kLockedGood;
  return {"locked-memory", good ? Health::ok : Health::warn,
          limit.rlim_cur == RLIM_INFINITY ? "unlimited" : bytes_text(limit.rlim_cur),
          both("密钥要锁在内存里", "keys are to be locked in memory")};
}

Finding programs() {
  const auto folder = program_folder();
  const bool all = folder && path_exists(*folder + "/hangu-custodian") &&
                   path_exists(*folder + "/hangu-worker") &&
                   path_exists(*folder + "/hangu-audit-verify");
  return {"programs", all ? Health::ok : Health::warn, folder ? printable(*folder) : "?",
          both("网关的程序应在 hangu 旁边", "the gateway's programs lie beside hangu")};
}

/// How far the log's forwarding is behind; nothing where a gateway forwards nothing.
std::optional<Finding> forwarding(const std::string& folder, const Clock& clock) {
  constexpr std::chrono::minutes kLate{10};
  constexpr Bilingual kBehind =
      both("审计日志没有及时转给 syslog 接收方;见 log/forward.log",
           "the audit log's lines do not reach the syslog receiver in time; see log/forward.log");
  const auto status = line::ForwardStatus::load(config::Layout(folder));
  if (!status && status.error().reason() == "file-missing") return std::nullopt;
  if (!status) return Finding{"forwarding", Health::warn, status.error().message(), kBehind};
  const Result<WallTime> now = clock.now();
  const bool silent = !now || !status->written || *now - *status->written > kLate;
  const bool behind =
      status->lag() > 0 && (!now || !status->success || *now - *status->success > kLate);
  const bool bad = silent || behind || status->state == line::ForwardState::stuck;
  return Finding{"forwarding", bad ? Health::warn : Health::ok, status->summary(), kBehind};
}

/// Of a gateway that stands in the folder and asks witnesses.
std::vector<Finding> witnesses(const std::string& folder, const Clock& clock) {
  const config::Layout layout(folder);
  if (!path_exists(layout.configuration())) return {};
  const auto health = witness_health(layout, clock);
  if (health && !*health) return {};
  constexpr Bilingual kMeaning =
      both("审计日志要有见证者看见,否则密钥被盗时无从发觉",
           "witnesses must see the audit log, or a theft of its keys goes unnoticed");
  if (!health) return {{"witnesses", Health::warn, health.error().message(), kMeaning}};
  const WitnessLevel level = (*health)->level;
  return {{"witnesses",
           level == WitnessLevel::fine   ? Health::ok
           : level == WitnessLevel::late ? Health::warn
                                         : Health::fail,
           (*health)->to_text(), kMeaning}};
}

/// Whether the log's program can use the TPM that the configuration of the gateway in `folder`
/// names: as root of programs with own uids by the device's group, else as who runs them.
std::optional<Finding> tpm(const std::string& folder) {
  const config::Layout layout(folder);
  if (!path_exists(layout.configuration())) return std::nullopt;
  const auto gateway = config::Gateway::load(layout.configuration());
  if (!gateway || gateway->audit.tpm.empty()) return std::nullopt;  // a bad file is `up`'s matter
  const auto device = config::tpm_device(gateway->audit.tpm);
  const bool by_group = ::geteuid() == 0 && (gateway->uid_base != 0 || !gateway->uids.empty());
  const bool usable = !device || (by_group ? config::tpm_group(*device).has_value()
                                           : ::access(device->c_str(), R_OK | W_OK) == 0);
  return Finding{
      "tpm", usable ? Health::ok : Health::fail, printable(gateway->audit.tpm),
      both("日志程序不能读写 TPM 设备。udev 规则:KERNEL==\"tpmrm[0-9]*\", GROUP=\"tss\", "
           "MODE=\"0660\"(软件包 tpm-udev 自带);不用 root 时,把运行者加入 tss 组",
           "the log's program cannot read and write the TPM's device. udev rule: "
           "KERNEL==\"tpmrm[0-9]*\", GROUP=\"tss\", MODE=\"0660\" (package tpm-udev has it); "
           "without root, put who runs the gateway into the group tss")};
}

std::string_view to_text(Health health) {
  return health == Health::ok ? "ok" : health == Health::warn ? "warn" : "fail";
}

Result<Exit> run_doctor(Session& session, const Arguments& arguments) {
  std::vector<Finding> findings{user(), kernel(), namespaces(), landlock(), seccomp()};
  for (Finding& finding : storage(arguments.text("folder"))) findings.push_back(std::move(finding));
  for (const Finding& finding : {clock(), ports(), locked_memory(), programs()})
    findings.push_back(finding);
  if (auto finding = forwarding(arguments.text("folder"), session.clock))
    findings.push_back(*std::move(finding));
  if (auto finding = tpm(arguments.text("folder"))) findings.push_back(*std::move(finding));
  for (Finding& finding : witnesses(arguments.text("folder"), session.clock))
    findings.push_back(std::move(finding));
  bool failed = false;
  std::vector<std::vector<std::string>> rows;
  for (const Finding& finding : findings) {
    failed = failed || finding.health == Health::fail;
    session.console.event("check", {{"check", finding.check},
                                    {"health", to_text(finding.health)},
                                    {"detail", finding.detail},
                                    {"meaning", session.console.say(finding.meaning)}});
    rows.push_back(
        {std::string(to_text(finding.health)), std::string(finding.check), finding.detail,
         finding.health == Health::ok ? "" : std::string(session.console.say(finding.meaning))});
  }
  session.console.table(rows);
  return failed ? Exit::internal : Exit::done;
}

}  // namespace

CommandSpec doctor_command() {
  return {"doctor",
          both("检查这台机器能不能运行网关", "check whether this machine can run a gateway"),
          {{"--folder", "DIR", both("网关将要放在哪里", "where the gateway is to be"),
            OptionKind::value, false, "."}},
          run_doctor};
}

}  // namespace hangu::cli
