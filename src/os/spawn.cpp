// spawn: fork and exec with care. Everything that allocates happens before the fork; the child
// makes only system calls that are safe after a fork of a threaded process.

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "os/failure.hpp"
#include "os/network_namespace.hpp"
#include "os/process.hpp"

namespace hangu::os {
namespace {

constexpr int kFirstPassed = 3;  ///< SD_LISTEN_FDS_START
constexpr std::size_t kPassedMax = 64;
constexpr unsigned kLogMode = 0640;
constexpr std::string_view kListenPid = "LISTEN_PID=";
constexpr std::size_t kPidDigitsMax = 20;

/// Where the child failed: written to the parent with errno when exec was not reached.
enum class Step : int { signals, descriptors, network, groups, capabilities, user, parent, exec };

struct Report {
  Step step;
  int os_error;
};

std::string_view to_text(Step step) {
  switch (step) {
    case Step::signals: return "signals";
    case Step::descriptors: return "descriptors";
    case Step::network: return "network namespace";
    case Step::groups: return "groups";
    case Step::capabilities: return "capabilities";
    case Step::user: return "user";
    case Step::parent: return "parent";
    case Step::exec: return "exec";
  }
  return "?";
}

/// All that the child needs, allocated before the fork.
struct Prepared {
  const SpawnPlan* plan = nullptr;
  std::vector<std::string> texts;  ///< owns what argv and envp point at
  std::vector<char*> argv;
  std::vector<char*> envp;
  std::array<char, kListenPid.size() + kPidDigitsMax> listen_pid{};
  std::vector<int> sources;  ///< descriptors to place from kFirstPassed on
  std::vector<int> moved;    ///< room for their copies
  UniqueFd program;
  UniqueFd network;
  UniqueFd null;
  UniqueFd log;
  UniqueFd report;  ///< CLOEXEC: closes when exec succeeds
};

Result<Prepared> prepare(const SpawnPlan& plan) {
  Prepared out;
  out.plan = &plan;
  std::string names;
  for (const auto& [name, fd] : plan.listeners) {
    if (name.empty() || name.find(':') != std::string::npos || !fd.valid()) {
      return fail(ErrorCode::malformed, "spawn-plan-invalid", "listener " + printable(name));
    }
    names += (names.empty() ? "" : ":") + name;
    out.sources.push_back(fd.get());
  }
  if (plan.ready) out.sources.push_back(plan.ready->get());
  if (out.sources.size() > kPassedMax) {
    return fail(ErrorCode::exhausted, "spawn-plan-invalid", "too many descriptors");
  }
  out.moved.resize(out.sources.size(), -1);

  std::map<std::string, std::string> environment = plan.environment;
  if (!plan.listeners.empty()) {
    environment["LISTEN_FDS"] = std::to_string(plan.listeners.size());
    environment["LISTEN_FDNAMES"] = names;
  }
  if (plan.ready) {
    environment["HANGU_READY_FD"] = std::to_string(kFirstPassed + std::ssize(plan.listeners));
  }
  out.texts.push_back(plan.program);
  out.texts.insert(out.texts.end(), plan.arguments.begin(), plan.arguments.end());
  const std::size_t arguments = out.texts.size();
  for (const auto& [key, value] : environment)
    out.texts.push_back(std::string(key).append("=").append(value));
  for (std::size_t i = 0; i < out.texts.size(); ++i) {
    if (out.texts[i].find('\0') != std::string::npos) {
      return fail(ErrorCode::malformed, "spawn-plan-invalid", "NUL in a text");
    }
    (i < arguments ? out.argv : out.envp).push_back(out.texts[i].data());
  }
  out.argv.push_back(nullptr);
  out.envp.push_back(nullptr);  // place for LISTEN_PID, which only the child knows
  out.envp.push_back(nullptr);

  out.program = UniqueFd(::open(plan.program.c_str(), O_PATH | O_CLOEXEC));
  if (!out.program.valid())
    return fail(ErrorCode::internal, "spawn-failed", printable(plan.program) + ": exec", errno);
  if (plan.network_namespace) {
    HANGU_TRY(out.network, open_network_namespace(*plan.network_namespace));
  }
  out.null = UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!out.null.valid()) return os_failure(errno, "spawn-failed", "/dev/null");
  if (plan.log_path) {
    out.log = UniqueFd(::open(plan.log_path->c_str(),
                              O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, kLogMode));
    if (!out.log.valid()) return os_failure(errno, "spawn-failed", printable(*plan.log_path));
  }
  return out;
}

bool reset_signals() {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    (void)::sigaction(signal, &standard, nullptr);  // SIGKILL and SIGSTOP refuse: they are so
  }
  sigset_t none;
  ::sigemptyset(&none);
  return ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0;
}

/// Puts every descriptor in its place; all others close at exec.
bool place_descriptors(Prepared& p) {
  const int count = static_cast<int>(p.sources.size());
  const int above = kFirstPassed + count;  // first number that is nobody's place
  // Away from the places first, so that no placing overwrites a source still to be placed.
  for (std::size_t i = 0; i < p.sources.size(); ++i) {
    p.moved[i] = ::fcntl(p.sources[i], F_DUPFD_CLOEXEC, above);
    if (p.moved[i] < 0) return false;
  }
  const int program = ::fcntl(p.program.get(), F_DUPFD_CLOEXEC, above);
  const int report = ::fcntl(p.report.get(), F_DUPFD_CLOEXEC, above);
  const int network = p.network.valid() ? ::fcntl(p.network.get(), F_DUPFD_CLOEXEC, above) : -1;
  const int log = p.log.valid() ? ::fcntl(p.log.get(), F_DUPFD_CLOEXEC, above) : -1;
  const int null = ::fcntl(p.null.get(), F_DUPFD_CLOEXEC, above);
  if (program < 0 || report < 0 || null < 0 || (p.network.valid() && network < 0) ||
      (p.log.valid() && log < 0)) {
    return false;
  }
  // The originals close at exec; releasing avoids a close of a number that is now a place.
  (void)p.program.release();
  p.program = UniqueFd(program);
  (void)p.report.release();
  p.report = UniqueFd(report);
  (void)p.network.release();
  p.network = UniqueFd(network);
  if (::dup2(null, STDIN_FILENO) < 0) return false;
  if (log >= 0 && (::dup2(log, STDOUT_FILENO) < 0 || ::dup2(log, STDERR_FILENO) < 0)) return false;
  for (int i = 0; i < count; ++i) {
    if (::dup2(p.moved[static_cast<std::size_t>(i)], kFirstPassed + i) < 0) return false;
  }
  return ::syscall(SYS_close_range, static_cast<unsigned>(above), ~0U,
                   4U /* CLOSE_RANGE_CLOEXEC */) == 0;
}

bool enter_network(const Prepared& p) {
  if (p.network.valid() && ::setns(p.network.get(), CLONE_NEWNET) != 0) return false;
  return !p.plan->private_network || ::unshare(CLONE_NEWNET) == 0;
}

/// Empties the bounding set while the child still may: once it is an ordinary user it cannot, and
/// a set that is left would be what a program with file capabilities could regain.
bool drop_bounding_set() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  }
  return errno == EINVAL;  // past the last capability of this kernel
}

void name_own_pid(Prepared& p) {
  if (p.plan->listeners.empty()) return;
  char* const digits = std::copy(kListenPid.begin(), kListenPid.end(), p.listen_pid.data());
  char* const end = p.listen_pid.data() + p.listen_pid.size() - 1;
  *std::to_chars(digits, end, ::getpid()).ptr = '\0';
  p.envp[p.envp.size() - 2] = p.listen_pid.data();
}

/// Who started it may be killed, and then nobody else would end it. After the change of user, which
/// would undo this.
bool end_with(pid_t parent) {
  return ::prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && ::getppid() == parent;
}

[[noreturn]] void become(Prepared& p, pid_t parent) {
  const auto stop = [&](Step step) {
    const Report report{.step = step, .os_error = errno};
    (void)!::write(p.report.get(), &report, sizeof report);
    ::_exit(127);
  };
  const SpawnPlan& plan = *p.plan;
  if (!reset_signals()) stop(Step::signals);
  if (!place_descriptors(p)) stop(Step::descriptors);
  if (!enter_network(p)) stop(Step::network);
  if ((plan.uid || !plan.groups.empty()) &&
      ::setgroups(plan.groups.size(), plan.groups.data()) != 0) {
    stop(Step::groups);
  }
  if (plan.uid && !drop_bounding_set()) stop(Step::capabilities);
  if (plan.uid && (::setresgid(*plan.uid, *plan.uid, *plan.uid) != 0 ||
                   ::setresuid(*plan.uid, *plan.uid, *plan.uid) != 0)) {
    stop(Step::user);
  }
  if (!end_with(parent)) stop(Step::parent);
  name_own_pid(p);
  ::execve(p.argv[0], p.argv.data(), p.envp.data());
  // A folder above the program may be closed to its user (a build under /root): the file itself
  // says whether that user may run it.
  if (errno == EACCES) ::execveat(p.program.get(), "", p.argv.data(), p.envp.data(), AT_EMPTY_PATH);
  stop(Step::exec);
  ::_exit(127);
}

}  // namespace

Result<pid_t> spawn(const SpawnPlan& plan) {
  HANGU_TRY(Prepared prepared, prepare(plan));
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return os_failure(errno, "spawn-failed", "pipe");
  const UniqueFd read_end(ends[0]);
  prepared.report = UniqueFd(ends[1]);

  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return fail(ErrorCode::internal, "spawn-failed", "fork", errno);
  if (child == 0) become(prepared, parent);
  prepared.report.reset();

  Report report{};
  ssize_t n = -1;
  do {
    n = ::read(read_end.get(), &report, sizeof report);
  } while (n < 0 && errno == EINTR);
  if (n == 0) return child;  // exec closed the pipe: the program runs
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::string context = printable(plan.program) + ": ";
  context += n == sizeof report ? to_text(report.step) : "no report";
  return fail(ErrorCode::internal, "spawn-failed", std::move(context),
              n == sizeof report ? report.os_error : 0);
}

}  // namespace hangu::os
