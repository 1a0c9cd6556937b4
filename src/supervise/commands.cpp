#include "supervise/commands.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <climits>
#include <iostream>

#include "cli/witness_health.hpp"
#include "crypto/secret.hpp"
#include "line/forward_status.hpp"
#include "os/clock.hpp"
#include "os/file.hpp"
#include "os/process.hpp"
#include "supervise/documents.hpp"
#include "supervise/gateway_lock.hpp"
#include "supervise/key_rollover.hpp"
#include "supervise/ownership.hpp"
#include "supervise/process_identity.hpp"
#include "supervise/setup.hpp"
#include "supervise/supervisor.hpp"
#include "supervise/zone_network.hpp"

namespace hangu::supervise {
namespace {

using cli::Exit;
using cli::ExtraArguments;
using std::chrono::milliseconds;

constexpr milliseconds kStartTime = std::chrono::minutes(3);
constexpr milliseconds kStopTime = std::chrono::minutes(2);
constexpr milliseconds kTick{100};
constexpr std::string_view kDefaultFolder = "hangu-gateway";

Result<std::string> absolute(const std::string& path) {
  if (path.starts_with('/')) return path;
  std::array<char, PATH_MAX> here{};
  if (::getcwd(here.data(), here.size()) == nullptr)
    return fail(ErrorCode::internal, "no-working-folder", {}, errno);
  return std::string(here.data()) + "/" + path;
}

Result<config::Layout> layout_of(const ExtraArguments& arguments) {
  HANGU_TRY(std::string folder, absolute(arguments.text("folder")));
  return config::Layout(std::move(folder));
}

/// The folder of the running binary: the other programs lie beside it.
Result<std::string> binaries() {
  std::array<char, PATH_MAX> path{};
  const ssize_t n = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  if (n <= 0) return fail(ErrorCode::internal, "no-binary-folder", {}, errno);
  const std::string binary(path.data(), static_cast<std::size_t>(n));
  return binary.substr(0, binary.rfind('/'));
}

bool alive(pid_t pid) { return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM); }

/// The gateway that runs in a folder, if any. Errors: Forbidden "file-forbidden", when this user
/// may not look.
Result<std::optional<RunningGateway>> running_in(const config::Layout& layout) {
  Result<RunningGateway> running = RunningGateway::load(layout);
  if (!running && running.error().reason() == "file-forbidden")
    return std::unexpected(running.error());
  if (!running || !running->lives()) return std::optional<RunningGateway>();
  return std::optional(*std::move(running));
}

/// How long ago witnesses saw the log: for who may look, of a gateway that asks them.
std::optional<cli::WitnessHealth> health_of(const config::Layout& layout) {
  const auto health = cli::witness_health(layout, os::SystemClock());
  return health ? *health : std::nullopt;
}

void print(const RunningGateway& running, const config::Layout& layout,
           const ExtraArguments& arguments) {
  const auto forwarding = line::ForwardStatus::load(layout);
  const std::optional<cli::WitnessHealth> witnessed = health_of(layout);
  if (arguments.json) {
    wire::JsonObject gateway = *running.to_json().as_object();
    if (forwarding) gateway.emplace_back("forward", forwarding->to_json());
    if (witnessed) gateway.emplace_back("witnessed", witnessed->to_json());
    return cli::tell_event("gateway", std::move(gateway), arguments);
  }
  for (const RunningProgram& p : running.programs) {
    const std::string state = alive(p.pid) ? "running" : "down";
    std::cout << p.name << "  pid " << p.pid << "  uid " << p.uid << "  " << state;
    if (p.restarts > 0) std::cout << "  restarts " << p.restarts;
    if (p.name == "forward" && forwarding) std::cout << "  " << forwarding->summary();
    std::cout << "\n";
  }
  for (const Endpoint& e : running.endpoints) {
    std::cout << "zone " << e.zone << ": receive " << e.receive << "  deliver " << e.deliver;
    if (!e.client_namespace.empty()) std::cout << "  (ip netns exec " << e.client_namespace << ")";
    std::cout << "\n";
  }
  if (witnessed)
    std::cout << "witnessed: " << witnessed->to_text() << "  " << cli::to_text(witnessed->level)
              << "\n";
}

/// The supervisor's life, in the foreground or in a detached child: start, say so, run.
Done supervise(const SetupPlan& plan, const config::Gateway& gateway,
               const std::function<void()>& started) {
  HANGU_TRY(const std::string programs, binaries());
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  if (!plan.loopback) HANGU_CHECK(make_zone_networks(gateway));
  Supervisor supervisor(gateway, programs);
  HANGU_CHECK(supervisor.start());
  started();
  HANGU_CHECK(supervisor.run(stop.view()));
  return plan.loopback ? Done() : remove_zone_networks(gateway);
}

/// Runs the supervisor in a session of its own; returns when it has started, or with its error.
Done supervise_in_background(const SetupPlan& plan, const config::Gateway& gateway) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(ErrorCode::internal, "supervisor-failed", "pipe", errno);
  const os::UniqueFd read_end(ends[0]);
  os::UniqueFd write_end(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail(ErrorCode::internal, "supervisor-failed", "fork", errno);
  if (child == 0) {
    ::setsid();
    const os::UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
      ::dup2(null.get(), standard);
    const auto say = [&](const std::string& text) {
      (void)os::write_all(write_end.view(), bytes_of(text)).has_value();
      write_end.reset();
    };
    const Done done = supervise(plan, gateway, [&] { say("+"); });
    if (!done && write_end.valid()) say(done.error().message());
    ::_exit(done ? EXIT_SUCCESS : EXIT_FAILURE);
  }
  write_end.reset();
  const std::array watched{read_end.view()};
  HANGU_TRY(const std::vector<std::size_t> ready, os::wait_readable(watched, kStartTime));
  if (ready.empty()) return fail(ErrorCode::unavailable, "supervisor-slow");
  constexpr std::size_t kTextMax = 4096;
  HANGU_TRY(const Bytes text, os::read_file(read_end.view(), kTextMax));
  if (text_of(text) != "+")
    return fail(ErrorCode::unavailable, "gateway-not-started", std::string(text_of(text)));
  return {};
}

Result<SetupPlan> setup_plan(const ExtraArguments& arguments) {
  SetupPlan plan;
  HANGU_TRY(plan.folder, absolute(arguments.text("folder")));
  plan.pki_folder = plan.folder + ".pki";
  if (arguments.has("pki")) {
    HANGU_TRY(plan.pki_folder, absolute(arguments.text("pki")));
  }
  if (arguments.has("config")) {
    HANGU_TRY(plan.config_file, absolute(arguments.text("config")));
  }
  plan.loopback = arguments.has("loopback") || !can_make_namespaces();
  return plan;
}

/// Nothing keeps zones on loopback apart but TLS: whoever starts them so should know.
void tell_not_apart(const ExtraArguments& arguments) {
  if (arguments.quiet) return;
  const bool asked = arguments.has("loopback");
  if (arguments.chinese) {
    std::cerr << (asked ? "提示:" : "提示:没有 root 权限或网络命名空间,")
              << "各区域监听本机回环端口,不隔离。\n";
  } else {
    std::cerr << (asked ? "note: " : "note: no root or no network namespaces here; ")
              << "zones listen on loopback ports and are not kept apart.\n";
  }
}

/// Says why a gateway's folder or texts cannot be used. What breaks its format here is a file that
/// the caller may edit, not bytes that were sent; a folder that is not ours is as little a right
/// that the caller lacks.
int tell_unusable(const Error& error, const ExtraArguments& arguments) {
  const int status = cli::tell_failure(error, arguments);
  const bool unfit = error.code() == ErrorCode::malformed || error.reason() == "folder-foreign";
  return unfit ? cli::status_of(Exit::usage) : status;
}

/// A gateway that nobody else runs or changes meanwhile, nor in the processes that come of this
/// one.
struct HeldGateway {
  os::UniqueFd lock;
  config::Gateway gateway;
};

Result<HeldGateway> hold_and_set_up(const SetupPlan& plan) {
  const config::Layout layout(plan.folder);
  os::UniqueFd lock;
  if (os::open_folder(plan.folder)) {  // else there is nothing yet that another could use
    HANGU_TRY(lock, lock_gateway(layout));
  }
  const os::SystemClock clock;
  crypto::SystemEntropy entropy;
  HANGU_TRY(config::Gateway gateway, set_up(plan, clock, entropy));
  if (!lock.valid()) {
    HANGU_TRY(lock, lock_gateway(layout));
  }
  return HeldGateway{std::move(lock), std::move(gateway)};
}

int up(const ExtraArguments& arguments) {
  const Result<SetupPlan> plan = setup_plan(arguments);
  if (!plan) return cli::tell_failure(plan.error(), arguments);
  const config::Layout layout(plan->folder);
  if (::geteuid() == 0)
    if (const Done open = check_way_is_open(plan->folder); !open)
      return cli::tell_failure(open.error(), arguments);
  if (const Done ours = check_folder_is_ours(layout); !ours)
    return tell_unusable(ours.error(), arguments);
  const auto before = running_in(layout);
  if (!before) return cli::tell_failure(before.error(), arguments);
  if (*before) {
    const Error already(ErrorCode::malformed, "gateway-running", plan->folder);
    (void)cli::tell_failure(already, arguments);
    return cli::status_of(Exit::usage);
  }
  const auto tell = [&] {
    if (const auto running = RunningGateway::load(layout)) print(*running, layout, arguments);
    std::cout.flush();
  };
  // Here and not in the background, where an error would lose its kind.
  const Result<HeldGateway> gateway = hold_and_set_up(*plan);
  if (!gateway) return tell_unusable(gateway.error(), arguments);
  if (plan->loopback) tell_not_apart(arguments);
  if (arguments.has("foreground")) {
    const Done done = supervise(*plan, gateway->gateway, tell);
    return done ? cli::status_of(Exit::done) : cli::tell_failure(done.error(), arguments);
  }
  const Done done = supervise_in_background(*plan, gateway->gateway);
  if (!done) return cli::tell_failure(done.error(), arguments);
  tell();
  return cli::status_of(Exit::done);
}

int down(const ExtraArguments& arguments) {
  const Result<config::Layout> layout = layout_of(arguments);
  if (!layout) return cli::tell_failure(layout.error(), arguments);
  if (const Done ours = check_folder_is_ours(*layout); !ours)
    return tell_unusable(ours.error(), arguments);
  const auto running = running_in(*layout);
  if (!running) return cli::tell_failure(running.error(), arguments);
  if (!*running) {
    cli::tell_event("stopped", {{"folder", layout->folder()}, {"wasRunning", false}}, arguments);
    std::cerr << "hangu: " << layout->folder()
              << (arguments.chinese ? " 没有在运行\n" : " is not running\n");
    return cli::status_of(Exit::done);
  }
  if (const auto told = terminate((*running)->supervisor, (*running)->identity); !told)
    return cli::tell_failure(told.error().within(layout->folder()), arguments);
  for (milliseconds waited{0}; (*running)->lives(); waited += kTick) {
    if (waited >= kStopTime)
      return cli::tell_failure({ErrorCode::unavailable, "supervisor-slow", "did not stop in time"},
                               arguments);
    os::pause_for(kTick);
  }
  cli::tell_event("stopped", {{"folder", layout->folder()}, {"wasRunning", true}}, arguments);
  return cli::status_of(Exit::done);
}

int ps(const ExtraArguments& arguments) {
  const Result<config::Layout> layout = layout_of(arguments);
  if (!layout) return cli::tell_failure(layout.error(), arguments);
  const auto running = running_in(*layout);
  if (!running) return cli::tell_failure(running.error(), arguments);
  if (!*running)
    return cli::tell_failure({ErrorCode::unavailable, "gateway-not-running", layout->folder()},
                             arguments);
  print(**running, *layout, arguments);
  return cli::status_of(Exit::done);
}

int publish(const ExtraArguments& arguments) {
  const os::SystemClock clock;
  crypto::SystemEntropy entropy;
  const Result<SetupPlan> plan = setup_plan(arguments);
  if (!plan) return cli::tell_failure(plan.error(), arguments);
  const config::Layout layout(plan->folder);
  if (const Done ours = check_folder_is_ours(layout); !ours)
    return tell_unusable(ours.error(), arguments);
  const auto act = [&]() -> Result<std::string> {
    HANGU_TRY(const config::Gateway gateway, config::Gateway::load(layout.configuration()));
    HANGU_TRY(const cli::Pki pki, cli::Pki::open(plan->pki_folder, clock, entropy));
    HANGU_TRY(const WallTime now, clock.now());
    HANGU_CHECK(publish_documents(layout, gateway, pki, now));
    return layout.policy();
  };
  const Result<std::string> folder = act();
  if (!folder) return tell_unusable(folder.error(), arguments);
  cli::tell_event("published", {{"folder", *folder}}, arguments);
  if (!arguments.json) std::cout << *folder << "\n";
  return cli::status_of(Exit::done);
}

/// What has to be told of the new key where people and programs go by the former one.
void tell_next_steps(const ExtraArguments& arguments) {
  if (arguments.quiet) return;
  std::cerr
      << (arguments.chinese
              ? "下次 hangu up 时日志记下更换,旧私钥随即销毁。请把新公钥交给审计员和接收节点,并写进"
                "见证策略和各见证者的配置;见 docs/operations/key-roll-over.md。\n"
              : "the next `hangu up` tells the log, and the former private keys are erased. "
                "Give the new keys to auditors and receiving nodes, and name them in the "
                "witness policy and to the witnesses: docs/operations/key-roll-over.md\n");
}

int roll_keys(const ExtraArguments& arguments) {
  const Result<config::Layout> layout = layout_of(arguments);
  if (!layout) return cli::tell_failure(layout.error(), arguments);
  if (const Done ours = check_folder_is_ours(*layout); !ours)
    return tell_unusable(ours.error(), arguments);
  const auto act = [&]() -> Result<LogVkeys> {
    HANGU_TRY(const config::Gateway gateway, config::Gateway::load(layout->configuration()));
    HANGU_TRY(const os::UniqueFd lock, lock_gateway(*layout));
    crypto::SystemEntropy entropy;
    return roll_log_keys(*layout, gateway, entropy);
  };
  const Result<LogVkeys> keys = act();
  if (!keys) return tell_unusable(keys.error(), arguments);
  cli::tell_event("rolled", {{"vkey", keys->log.to_text()}, {"gmVkey", keys->gm.to_text()}},
                  arguments);
  if (!arguments.json) std::cout << keys->log.to_text() << "\n" << keys->gm.to_text() << "\n";
  tell_next_steps(arguments);
  return cli::status_of(Exit::done);
}

}  // namespace

std::vector<cli::ExtraCommand> workstation_commands() {
  const cli::ExtraOption folder{
      "--folder", "DIR", {"网关文件夹", "the gateway's folder"}, std::string(kDefaultFolder)};
  const cli::ExtraOption pki{
      "--pki",
      "DIR",
      {"开发用 PKI(默认:网关文件夹.pki)", "development PKI (default: the gateway's folder + .pki)"},
      ""};
  const cli::ExtraOption config{
      "--config",
      "FILE",
      {"网关配置;默认用自带示例", "configuration; default: the shipped example"},
      ""};
  const cli::ExtraOption loopback{
      "--loopback",
      "",
      {"不建网络命名空间,只用回环端口", "no namespaces, loopback ports only"},
      ""};
  const cli::ExtraOption foreground{"--foreground", "", {"留在前台", "stay in the foreground"}, ""};
  return {
      {"up",
       {"在工作站上启动整个网关", "start a whole gateway on a workstation"},
       {folder, pki, config, loopback, foreground},
       up},
      {"down", {"停止网关", "stop the gateway"}, {folder}, down},
      {"ps", {"列出网关的程序和入口", "list the gateway's programs and entrances"}, {folder}, ps},
      {"publish",
       {"重新签发策略、目录和人员文件", "sign policy, catalogue and people anew"},
       {folder, pki, loopback},
       publish},
      {"roll-keys",
       {"更换日志自身的密钥(网关须已停止)",
        "replace the log's own keys, of a gateway that is down"},
       {folder},
       roll_keys}};
}

}  // namespace hangu::supervise
