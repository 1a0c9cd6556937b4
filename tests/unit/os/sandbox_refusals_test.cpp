// Acts that no profile permits: each is tried inside a daemon, a zygote and a worker, and some of
// them outside, where they must not fail.

#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <array>
#include <string_view>
#include <vector>

#include "os/landlock.hpp"
#include "tests/unit/os/sandbox_child.hpp"

using namespace hangu;
using namespace hangu::os;
using namespace hangu::os::test;

namespace {

struct Act {
  const char* name;
  std::function<int()> attempt;
};

/// Acts that no profile permits, with any arguments.
std::vector<Act> forbidden_acts() {
  static const std::array<char*, 1> kNoArguments{nullptr};
  const pid_t parent = ::getpid();
  return {
      {"IPv4 stream socket", [] { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }},
      {"IPv4 datagram socket", [] { return outcome(::socket(AF_INET, SOCK_DGRAM, 0)); }},
      {"IPv6 socket", [] { return outcome(::socket(AF_INET6, SOCK_STREAM, 0)); }},
      {"netlink socket", [] { return outcome(::socket(AF_NETLINK, SOCK_RAW, 0)); }},
      {"packet socket", [] { return outcome(::socket(AF_PACKET, SOCK_RAW, 0)); }},
      {"IPv4 socket of the permitted type",
       [] { return outcome(::socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP)); }},
      {"local stream socket", [] { return outcome(::socket(AF_UNIX, SOCK_STREAM, 0)); }},
      {"local datagram socket",
       [] { return outcome(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }},
      {"local stream pair",
       [] {
         std::array<int, 2> ends{};
         return outcome(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()));
       }},
      {"naming a local socket",
       [] {
         const sockaddr address{.sa_family = AF_UNIX, .sa_data = {}};
         return outcome(::bind(0, &address, sizeof address.sa_family));
       }},
      {"listening", [] { return outcome(::listen(0, 1)); }},
      {"execve",
       [] { return outcome(::execve("/bin/true", kNoArguments.data(), kNoArguments.data())); }},
      {"fexecve",
       [] {
         return outcome(::syscall(SYS_execveat, 0, "", kNoArguments.data(), kNoArguments.data(),
                                  AT_EMPTY_PATH));
       }},
      {"memfd", [] { return outcome(::memfd_create("x", MFD_CLOEXEC)); }},
      {"ptrace of the parent",
       [parent] { return outcome(::ptrace(PTRACE_ATTACH, parent, nullptr, nullptr)); }},
      {"process_vm_readv",
       [parent] {
         std::array<std::byte, 8> bytes{};
         iovec here{.iov_base = bytes.data(), .iov_len = bytes.size()};
         iovec there = here;
         return outcome(::syscall(SYS_process_vm_readv, parent, &here, 1, &there, 1, 0));
       }},
      {"kill of the parent", [parent] { return outcome(::kill(parent, 0)); }},
      {"kill of everybody", [] { return outcome(::kill(-1, 0)); }},
      {"tgkill of the parent",
       [parent] { return outcome(::syscall(SYS_tgkill, parent, parent, 0)); }},
      {"pidfd_send_signal",
       [] { return outcome(::syscall(SYS_pidfd_send_signal, 0, 0, nullptr, 0)); }},
      {"pidfd_getfd", [] { return outcome(::syscall(SYS_pidfd_getfd, 0, 0, 0)); }},
      {"setns", [] { return outcome(::setns(0, CLONE_NEWNET)); }},
      {"unshare of the user namespace", [] { return outcome(::unshare(CLONE_NEWUSER)); }},
      {"unshare of the network", [] { return outcome(::unshare(CLONE_NEWNET)); }},
      {"clone into a user namespace",
       [] { return outcome(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }},
      {"mount", [] { return outcome(::mount("none", "/tmp", "tmpfs", 0, nullptr)); }},
      {"new mount interface", [] { return outcome(::syscall(SYS_fsopen, "tmpfs", 0)); }},
      {"chroot", [] { return outcome(::chroot("/")); }},
      {"pivot_root", [] { return outcome(::syscall(SYS_pivot_root, "/", "/")); }},
      {"io_uring", [] { return outcome(::syscall(SYS_io_uring_setup, 1, nullptr)); }},
      {"bpf", [] { return outcome(::syscall(SYS_bpf, 0, nullptr, 0)); }},
      {"userfaultfd", [] { return outcome(::syscall(SYS_userfaultfd, 0)); }},
      {"keyctl", [] { return outcome(::syscall(SYS_keyctl, 0, -3, 0)); }},
      {"perf_event_open",
       [] { return outcome(::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)); }},
      {"open_by_handle_at",
       [] { return outcome(::syscall(SYS_open_by_handle_at, 0, nullptr, 0)); }},
      {"module", [] { return outcome(::syscall(SYS_finit_module, 0, "", 0)); }},
      {"setuid", [] { return outcome(::setuid(kNobody)); }},
      {"personality", [] { return outcome(::syscall(SYS_personality, 0x0400000)); }},
      {"mknod", [] { return outcome(::mknod("/tmp/hangu-node", S_IFCHR | 0600, 0)); }},
      {"a filter over the filter", [] { return outcome(::syscall(SYS_seccomp, 2, 0, nullptr)); }},
      {"executable mapping",
       [] {
         void* const p =
             ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return p == MAP_FAILED ? errno : 0;
       }},
      {"memory made executable",
       [] {
         void* const p =
             ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
         return outcome(::mprotect(p, 4096, PROT_READ | PROT_EXEC));
       }},
      {"typing into the terminal",
       [] {
         char c = 'x';
         return outcome(::ioctl(0, TIOCSTI, &c));
       }},
      {"signals through F_SETOWN", [parent] { return outcome(::fcntl(0, F_SETOWN, parent)); }},
      {"becoming dumpable", [] { return outcome(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }},
      {"limits of the parent",
       [parent] {
         rlimit limit{};
         return outcome(::syscall(SYS_prlimit64, parent, RLIMIT_CORE, nullptr, &limit));
       }},
  };
}

bool is_refusal(int error) { return error == EPERM || error == EACCES || error == ENOSYS; }

}  // namespace

TEST_CASE("this machine has what the sandbox stands on (a kernel with Landlock 4 or later)",
          "[os][sandbox]") {
  REQUIRE(landlock_abi() >= 4);  // else the TCP tests below prove nothing
}

TEST_CASE("a daemon is refused every forbidden act", "[os][sandbox]") {
  Profile profile = daemon();
  profile.accepts = true;
  profile.threads = true;
  for (const Act& act : forbidden_acts()) {
    const int error = inside(profile, act.attempt);
    INFO(act.name << " gave " << error);
    CHECK(is_refusal(error));
  }
}

TEST_CASE("a zygote is refused every forbidden act but locking its child in", "[os][sandbox]") {
  Profile profile = daemon();
  profile.fork = true;
  for (const Act& act : forbidden_acts()) {
    const std::string_view name = act.name;
    if (name == "a filter over the filter" || name == "becoming dumpable") continue;
    const int error = inside(profile, act.attempt);
    INFO(act.name << " gave " << error);
    CHECK(is_refusal(error));
  }
}

TEST_CASE("a worker dies of a forbidden act", "[os][sandbox]") {
  for (const Act& act : forbidden_acts()) {
    const int status = in_child([&] {
      if (!enter_sandbox(worker())) return kSandboxFailed;
      return act.attempt() == EPERM ? 1 : 0;
    });
    INFO(act.name << " gave status " << status);
    const bool answers = std::string_view(act.name) == "typing into the terminal";  // ioctl: EPERM
    CHECK((answers ? WIFEXITED(status) && WEXITSTATUS(status) == 1 : killed_by_filter(status)));
  }
}

TEST_CASE("outside the sandbox the same acts are not refused (needs root)", "[os][sandbox][root]") {
  REQUIRE(::geteuid() == 0);
  // Otherwise the tests above would prove the machine, not the filter.
  for (const Act& act : forbidden_acts()) {
    const std::string_view name = act.name;
    if (name != "IPv4 stream socket" && name != "memfd" && name != "unshare of the network" &&
        name != "executable mapping" && name != "memory made executable" && name != "setuid" &&
        name != "kill of the parent" && name != "becoming dumpable" &&
        name != "limits of the parent") {
      continue;
    }
    INFO(act.name);
    CHECK(exit_code_of(act.attempt) == 0);
  }
}
