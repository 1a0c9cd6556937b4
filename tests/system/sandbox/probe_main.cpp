// The probe: stands in the place of one of the gateway's programs. The supervisor starts it exactly
// as it would start that program (binary name, arguments, uid, namespace, listeners); it reads what
// the program reads, composes the profile by the same function, and then tries what must fail:
// first as the mere uid, then locked in, and, as the worker, once more in a job's box.
//
// Each answer is a line on the operations log: phase TAB act TAB errno (or "killed"). It becomes
// ready when all is tried.

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>

#include "audit/service.hpp"
#include "crypto/prepare.hpp"
#include "directory/program.hpp"
#include "forward/program.hpp"
#include "geo/job.hpp"
#include "ledger/server.hpp"
#include "line/stage_shell.hpp"
#include "mosaic/folder.hpp"
#include "mosaic/service.hpp"
#include "os/network_namespace.hpp"
#include "os/process.hpp"
#include "stages/approve/profile.hpp"
#include "stages/decide/profile.hpp"
#include "stages/emit/profile.hpp"
#include "stages/inspect/profile.hpp"
#include "stages/transform/profile.hpp"
#include "stages/verify/profile.hpp"
#include "tests/system/sandbox/acts.hpp"
#include "witness/feeder_program.hpp"
#include "zone/zone_context.hpp"

namespace {

using namespace hangu;
using namespace hangu::sandbox_test;

constexpr int kSandboxFailed = 250;
constexpr int kThrown = 251;
constexpr std::uint16_t kWitnessPort = 8080;

void report(std::string_view phase, const std::string& act, const std::string& answer) {
  const std::string line = std::string(phase) + "\t" + act + "\t" + answer + "\n";
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

/// What `act` came to in a child: its answer, or that it was killed.
std::string answer_of_child(const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      ::_exit(act());
    } catch (const std::exception&) {
      ::_exit(kThrown);
    }
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return "no child";
  if (WIFEXITED(status)) return std::to_string(WEXITSTATUS(status));
  return WTERMSIG(status) == SIGSYS ? "killed" : "signal " + std::to_string(WTERMSIG(status));
}

/// Another process of this uid. It ends when the pipe does, that is with this process: a signal at
/// the parent's death would not get out of the parent's box.
pid_t make_sibling() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return -1;
  const pid_t child = ::fork();
  if (child != 0) {
    ::close(ends[0]);
    return child;
  }
  ::close(ends[1]);
  std::array<char, 1> nothing{};
  (void)!::read(ends[0], nothing.data(), nothing.size());
  ::_exit(0);
}

Result<os::Profile> stage_profile_of(const line::StageContext& context,
                                     const config::Gateway& gateway) {
  const std::string& program = context.program;
  if (program == "check") return line::stage_profile(context);
  if (program == "verify") return stages::verify_profile(context);
  if (program == "inspect") return stages::inspect_profile(context);
  if (program == "decide") return stages::decide_profile(context, gateway.directory.has_value());
  if (program == "transform") return stages::transform_profile(context);
  if (program == "approve") return stages::approve_profile(context);
  if (program != "emit") return fail(ErrorCode::malformed, "program-unknown", program);
  std::map<ZoneId, stages::Outbox> outboxes;
  for (const config::Zone& zone : gateway.zones) {
    HANGU_TRY(stages::Outbox outbox, stages::Outbox::open(context.layout.outbox(zone.id)));
    outboxes.emplace(zone.id, std::move(outbox));
  }
  return stages::emit_profile(context, outboxes);
}

/// What the one other thread of a worker's job gets, which is there before the filter is.
int answer_of_companion(const os::Profile& job, const Act& act) {
  std::optional<os::Companion> companion;
  const auto entered = os::enter_sandbox(job, [&companion]() -> Done {
    HANGU_TRY(companion, os::Companion::start());
    return {};
  });
  if (!entered) return kSandboxFailed;
  int answer = kSandboxFailed;
  os::Errand errand([&]() -> Done {
    answer = act.attempt();
    return {};
  });
  errand.begin(&*companion);
  return errand.finish() ? answer : kSandboxFailed;
}

/// The profile that hangu-`program` enters; `listener` is kept open for a zone half.
Result<os::Profile> profile_of(const std::string& program, const config::Gateway& gateway, int argc,
                               char** argv, os::UniqueFd& listener) {
  const config::Layout layout(gateway.folder);
  if (program == "audit")
    return audit::service_profile({.folder = layout.audit(), .epoch_keys = layout.epoch_keys()});
  if (program == "custodian")
    return ledger::server_profile(layout.store(), layout.socket("audit", "custodian"));
  if (program == "mosaic") return mosaic::service_profile(mosaic::folder_below(layout.folder()));
  if (program == "worker") return geo::zygote_profile();
  if (program == "forward") return forward::forward_profile(layout, *gateway.forward);
  if (program == "directory") return directory::directory_profile(layout, *gateway.directory);
  if (program == "feeder") return witness::feeder_profile(layout, {kWitnessPort});
  if (program == "receive" || program == "deliver") {
    HANGU_TRY(zone::ZoneContext context, zone::ZoneContext::load(program, argc, argv));
    os::Profile profile =
        program == "receive" ? zone::receive_profile(context) : zone::deliver_profile(context);
    listener = std::move(context.listener);
    return profile;
  }
  HANGU_TRY(const line::StageContext context, line::StageContext::load(program, argc, argv));
  return stage_profile_of(context, gateway);
}

Done probe(const std::string& program, const config::Gateway& gateway, int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  const bool half = program == "receive" || program == "deliver";
  Stand stand{gateway,
              config::Layout(gateway.folder),
              half ? program + "." + arguments.back() : program,
              make_sibling(),
              ::getppid(),
              {},
              {}};
  for (const config::Zone& zone : gateway.zones) {
    if (!zone.network_namespace) continue;
    HANGU_TRY(os::UniqueFd network, os::open_network_namespace(*zone.network_namespace));
    stand.networks.emplace(zone.id.text(), std::move(network));
  }
  os::Readiness readiness = os::Readiness::prepare();
  os::UniqueFd listener;
  HANGU_TRY(const os::Profile profile, profile_of(program, gateway, argc, argv, listener));
  HANGU_TRY(const std::uint64_t mapped, geo::mapped_bytes());
  stand.listener = listener.view();
  crypto::prepare();

  const std::vector<Act> acts = all_acts(stand);
  for (const Act& act : acts)
    if (act.when == When::always) report("free", act.name, answer_of_child(act.attempt));
  HANGU_TRY(const os::SandboxReport sandbox, os::enter_sandbox(profile));
  (void)sandbox;
  for (const Act& act : acts) report("locked", act.name, std::to_string(act.attempt()));
  if (program == "worker") {
    const os::Profile job = geo::job_profile(plain::WorkerRequest{}, mapped);
    for (const Act& act : acts) {
      report("job", act.name, answer_of_child([&] {
               return os::enter_sandbox(job) ? act.attempt() : kSandboxFailed;
             }));
      report("companion", act.name, answer_of_child([&] { return answer_of_companion(job, act); }));
    }
  }
  readiness.tell("tried");
  while (true) ::poll(nullptr, 0, -1);  // until SIGTERM
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // DIR/probes/hangu-PROGRAM, where DIR is the gateway's folder.
    const std::string path = argv[0];
    const std::size_t name = path.rfind("/hangu-");
    const std::size_t probes = path.rfind('/', name - 1);
    const auto gateway =
        config::Gateway::load(config::Layout(path.substr(0, probes)).configuration());
    if (!gateway) return line::refuse_to_start(gateway.error());
    const Done done = probe(path.substr(name + 7), *gateway, argc, argv);
    return line::refuse_to_start(done.error());
  } catch (const std::exception& unexpected) {
    std::cerr << "probe: " << unexpected.what() << "\n";
    return 1;
  }
}
