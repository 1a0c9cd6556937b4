#include "os/process.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "os/deadline.hpp"
#include "os/failure.hpp"

namespace hangu::os {
namespace {

constexpr std::size_t kWaitedDescriptorsMax = 4096;

}  // namespace

Result<std::optional<int>> wait_for(pid_t child, std::chrono::milliseconds timeout) {
  // The pid cannot be taken by another process before this parent has waited for it.
  const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  if (!process.valid()) return os_failure(errno, "wait-failed", {});
  HANGU_TRY(const bool ended, wait_for_events(process.view(), POLLIN, Deadline(timeout)));
  if (!ended) return std::optional<int>();
  int status = 0;
  pid_t waited = -1;
  do {
    waited = ::waitpid(child, &status, 0);
  } while (waited < 0 && errno == EINTR);
  if (waited < 0) return fail(ErrorCode::internal, "wait-failed", {}, errno);
  return std::optional<int>(status);
}

Result<UniqueFd> termination_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) {
    return os_failure(errno, "signals-failed", {});
  }
  UniqueFd fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return os_failure(errno, "signals-failed", {});
  return fd;
}

Result<std::vector<std::size_t>> wait_readable(std::span<const FdView> fds,
                                               std::chrono::milliseconds timeout) {
  if (fds.size() > kWaitedDescriptorsMax) {
    return fail(ErrorCode::exhausted, "wait-too-many", std::to_string(fds.size()));
  }
  std::vector<pollfd> entries;
  entries.reserve(fds.size());
  for (const FdView fd : fds) entries.push_back({.fd = fd.get(), .events = POLLIN, .revents = 0});
  const Deadline deadline(timeout);
  int n = -1;
  do {
    n = ::poll(entries.data(), entries.size(), deadline.left());
  } while (n < 0 && errno == EINTR);
  if (n < 0) return os_failure(errno, "poll-failed", {});
  std::vector<std::size_t> readable;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].revents != 0) readable.push_back(i);  // hang-ups too: a read names them
  }
  return readable;
}

unsigned processor_count() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&allowed)));
}

std::optional<std::string> environment(const char* name) {
  const char* const value = ::secure_getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

}  // namespace hangu::os
