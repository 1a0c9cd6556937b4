#include "geo/zygote.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <optional>

#include <malloc.h>

#include "geo/gdal_session.hpp"
#include "geo/job.hpp"
#include "os/clock.hpp"
#include "os/companion.hpp"
#include "os/process.hpp"

namespace hangu::geo {
namespace {

constexpr std::chrono::milliseconds kRequestPatience = std::chrono::seconds(10);
constexpr std::chrono::milliseconds kReplyPatience = std::chrono::seconds(10);
constexpr std::uint64_t kCompanionWorthBytes = 512 * 1024;  ///< of input: less is done sooner
constexpr int kExitFailed = 1;
constexpr int kFirstOwn = 3;  ///< after the standard three
constexpr const char* kProjDatabase = "/usr/share/proj/proj.db";

/// A job in progress. Our copy of its channel is watched for hang-up, and says how a job ended that
/// cannot say so itself.
struct Child {
  pid_t pid = -1;
  os::UniqueFd pidfd;
  os::UniqueFd channel;
  std::chrono::milliseconds deadline{0};
  bool killed = false;
};

/// The wall-clock limit: SIGALRM ends the process. It is set before the sandbox, which takes away
/// the call that could change it.
bool set_alarm(std::chrono::milliseconds wall) {
  itimerval timer{};
  timer.it_value.tv_sec = wall.count() / 1000;
  timer.it_value.tv_usec = wall.count() % 1000 * 1000;
  return ::setitimer(ITIMER_REAL, &timer, nullptr) == 0;
}

void reply_error(os::Channel& channel, const Error& error) {
  plain::WorkerReply reply;
  reply.reason = error.reason();
  reply.detail = error.message();
  [[maybe_unused]] const Done sent = channel.send(encode(reply), kReplyPatience);
}

/// Our descriptors of PROJ's database, which PROJ has opened for itself and must keep.
std::vector<int> descriptors_of_proj() {
  std::vector<int> out;
  struct stat database{};
  if (::stat(kProjDatabase, &database) != 0) return out;
  const auto end = static_cast<int>(zygote_profile().descriptors_max);
  for (int fd = kFirstOwn; fd < end; ++fd) {
    struct stat status{};
    if (::fstat(fd, &status) == 0 && status.st_dev == database.st_dev &&
        status.st_ino == database.st_ino) {
      out.push_back(fd);
    }
  }
  return out;
}

/// What a new child needs to know of the zygote.
struct Birth {
  int channel = -1;
  int nowhere = -1;  ///< /dev/null
  pid_t parent = 0;
  std::uint64_t mapped = 0;
  std::vector<int> proj;
};

/// In the child: nothing stays open but the channel and PROJ's database (of which PROJ closes the
/// old descriptor by number when it opens a new one); 0 to 2 lead nowhere.
bool close_all_but(const Birth& birth) {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
  for (const int standard : {0, 1, 2}) {
    if (::dup2(birth.nowhere, standard) < 0) return false;
  }
  std::vector<int> kept = birth.proj;
  kept.push_back(birth.channel);
  std::ranges::sort(kept);
  auto first = static_cast<unsigned>(kFirstOwn);
  for (const int fd : kept) {
    const auto keep = static_cast<unsigned>(fd);
    if (keep > first && ::close_range(first, keep - 1, 0) != 0) return false;
    first = keep + 1;
  }
  return ::close_range(first, UINT_MAX, 0) == 0;
}

[[noreturn]] void be_child(const Birth& birth) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);  // the zygote blocks what it reads by signalfd
  if (!close_all_but(birth) || ::getppid() != birth.parent) ::_exit(kExitFailed);
  ::_exit(serve_one_job(os::Channel(os::UniqueFd(birth.channel)), birth.mapped));
}

/// Children of the zygote.
class Nursery {
 public:
  Nursery(const ZygoteOptions& options, const std::function<void(const std::string&)>& tell)
      : options_(options), tell_(tell) {}
  Nursery(const Nursery&) = delete;
  Nursery& operator=(const Nursery&) = delete;
  ~Nursery() {
    for (const Child& child : children_) {
      (void)::kill(child.pid, SIGKILL);
      (void)::waitpid(child.pid, nullptr, 0);
    }
  }

  Done prepare() {
    HANGU_TRY(mapped_, mapped_bytes());
    proj_ = descriptors_of_proj();
    nowhere_ = os::UniqueFd(::open("/dev/null", O_RDWR | O_CLOEXEC));
    return nowhere_.valid() ? Done() : Done(fail(ErrorCode::internal, "fork-failed", "/dev/null"));
  }
  [[nodiscard]] bool full() const { return children_.size() >= options_.jobs_max; }
  [[nodiscard]] const std::vector<Child>& children() const { return children_; }

  Done add(os::Channel channel) {
    const pid_t parent = ::getpid();
    Child child;
    child.channel = std::move(channel).release();
    child.deadline = os::monotonic_now() + options_.wall_max;
    child.pid = ::fork();
    if (child.pid == 0) {
      be_child({child.channel.get(), nowhere_.get(), parent, mapped_, proj_});
    }
    if (child.pid < 0) return fail(ErrorCode::internal, "fork-failed", {}, errno);
    child.pidfd = os::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
    const bool watched = child.pidfd.valid();
    children_.push_back(std::move(child));
    return watched ? Done() : Done(fail(ErrorCode::internal, "fork-failed", "pidfd", errno));
  }

  void end(std::size_t index) {
    Child& child = children_[index];
    if (child.killed) return;
    child.killed = true;
    (void)::kill(child.pid, SIGKILL);
  }

  void end_overdue() {
    const auto now = os::monotonic_now();
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (children_[i].deadline <= now) end(i);
    }
  }

  /// Takes the exit status of children that have ended.
  void reap() {
    std::erase_if(children_, [this](Child& child) {
      int status = 0;
      const pid_t done = ::waitpid(child.pid, &status, WNOHANG);
      if (done != child.pid) return done < 0 && errno == ECHILD;
      if (status != 0) tell_end(child, status);
      return true;
    });
  }

 private:
  /// Of a job that ended without a reply. A client that hears nothing at all lost us, not it.
  void tell_end(Child& child, int status) {
    const std::string how = WIFSIGNALED(status)
                                ? "ended by signal " + std::to_string(WTERMSIG(status))
                                : "ended with status " + std::to_string(WEXITSTATUS(status));
    if (!child.killed) tell_("job " + std::to_string(child.pid) + " was " + how);
    plain::WorkerReply reply;
    reply.reason = child.killed ? "worker-timeout" : "worker-died";
    reply.detail = "the worker " + how;
    os::Channel channel(std::move(child.channel));
    // At once or not at all: the client may be gone, or have its answer.
    [[maybe_unused]] const Done sent = channel.send(encode(reply), std::chrono::milliseconds(0));
  }

  ZygoteOptions options_;
  const std::function<void(const std::string&)>& tell_;
  os::UniqueFd nowhere_;
  std::uint64_t mapped_ = 0;
  std::vector<int> proj_;
  std::vector<Child> children_;
};

constexpr int kTickMilliseconds = 1000;  ///< how late an overdue job may be noticed

/// What poll() watches: stop, the children's ends, their clients' hang-ups, the listeners.
std::vector<pollfd> watched(os::FdView stop, const Nursery& nursery,
                            const std::vector<os::Listener>& listeners) {
  std::vector<pollfd> out{{stop.get(), POLLIN, 0}};
  for (const Child& child : nursery.children()) {
    out.push_back({child.pidfd.get(), POLLIN, 0});
    out.push_back({child.killed ? -1 : child.channel.get(), 0, 0});  // a hang-up is heard once
  }
  for (const os::Listener& listener : listeners) {
    out.push_back({nursery.full() ? -1 : listener.view().get(), POLLIN, 0});
  }
  return out;
}

/// Starts a job's one other thread. A machine that has no processor for it, or no room, is none to
/// fail on: the job does all of its work by itself then, as it does with little.
Done find_companion(const plain::WorkerRequest& request, std::optional<os::Companion>& companion) {
  if (request.input && request.input->size < kCompanionWorthBytes) return {};
  if (os::processor_count() < 2) return {};
  ::mallopt(M_ARENA_MAX, 1);  // a second one would reserve 64 MiB of the job's address space
  if (auto started = os::Companion::start()) companion = *std::move(started);
  return {};
}

}  // namespace

int serve_one_job(os::Channel channel, std::uint64_t mapped_bytes) {
  auto message = channel.receive(kRequestPatience);
  if (!message) return kExitFailed;
  const auto request = plain::decode_request(message->bytes);
  if (!request) {
    reply_error(channel, request.error());
    return kExitFailed;
  }
  std::vector<os::FdView> descriptors;
  for (const os::UniqueFd& fd : message->descriptors) descriptors.push_back(fd.view());
  if (request->format != plain::Format::csv) warm_up_child();  // tables have no coordinates
  std::optional<os::Companion> companion;
  const auto sandbox = set_alarm(request->wall_max)
                           ? os::enter_sandbox(job_profile(*request, mapped_bytes),
                                               [&] { return find_companion(*request, companion); })
                           : fail(ErrorCode::internal, "sandbox-failed", "alarm");
  if (!sandbox) {
    reply_error(channel, sandbox.error());
    return kExitFailed;
  }
  const plain::WorkerReply reply =
      run_job(*request, descriptors, companion ? &*companion : nullptr);
  message->descriptors.clear();  // the output can be frozen while this process still ends
  return channel.send(encode(reply), kReplyPatience) ? 0 : kExitFailed;
}

Done serve_workers(std::vector<os::Listener> listeners, os::FdView stop,
                   const ZygoteOptions& options, const ZygoteReports& reports) {
  Nursery nursery(options, reports.tell);
  HANGU_CHECK(nursery.prepare());
  HANGU_TRY(const os::SandboxReport sandbox, os::enter_sandbox(zygote_profile()));
  reports.ready(sandbox);
  while (true) {  // ends: when stop is readable
    std::vector<pollfd> fds = watched(stop, nursery, listeners);
    if (::poll(fds.data(), fds.size(), kTickMilliseconds) < 0 && errno != EINTR) {
      return fail(ErrorCode::internal, "poll-failed", {}, errno);
    }
    if (fds[0].revents != 0) return {};
    const std::size_t children = nursery.children().size();
    for (std::size_t i = 0; i < children; ++i) {
      if ((fds[2 + 2 * i].revents & (POLLHUP | POLLERR)) != 0) nursery.end(i);
    }
    nursery.end_overdue();
    nursery.reap();
    for (std::size_t i = 0; i < listeners.size() && !nursery.full(); ++i) {
      if (fds[1 + 2 * children + i].revents == 0) continue;
      HANGU_TRY(auto channel, listeners[i].accept());
      if (channel) HANGU_CHECK(nursery.add(*std::move(channel)));
    }
  }
}

}  // namespace hangu::geo
