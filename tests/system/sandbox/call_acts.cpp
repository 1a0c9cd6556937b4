// Acts that are one system call, or few.

#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

#include "tests/system/sandbox/acts.hpp"

namespace hangu::sandbox_test {
namespace {

constexpr std::size_t kPageBytes = 4096;
constexpr uid_t kRoot = 0;

/// A child that ends at once; its end is awaited.
int try_fork(const std::function<long()>& make) {
  const long child = make();
  if (child == 0) ::_exit(0);
  if (child < 0) return errno;
  ::waitpid(static_cast<pid_t>(child), nullptr, 0);
  return 0;
}

int try_thread() {
  try {
    std::thread([] {}).join();
    return 0;
  } catch (const std::system_error& refused) {
    return refused.code().value();
  }
}

int try_exec() {
  const std::array<char*, 1> none{nullptr};
  ::execve("/bin/true", none.data(), none.data());
  return errno;
}

int try_exec_by_descriptor() {
  const std::array<char*, 1> none{nullptr};
  return outcome(::syscall(SYS_execveat, AT_FDCWD, "/bin/true", none.data(), none.data(), 0));
}

int try_memory_of(pid_t other) {
  std::array<std::byte, 8> bytes{};
  const iovec here{.iov_base = bytes.data(), .iov_len = bytes.size()};
  return outcome(::syscall(SYS_process_vm_readv, other, &here, 1, &here, 1, 0));
}

int try_mapping(int first, int then) {
  void* const page = ::mmap(nullptr, kPageBytes, first, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return errno;
  return then == first ? 0 : outcome(::mprotect(page, kPageBytes, then));
}

int try_bind() {
  sockaddr address{};
  address.sa_family = AF_UNIX;
  return outcome(::bind(STDIN_FILENO, &address, sizeof address.sa_family));
}

/// A listener that is shut down is an ordinary TCP socket again, which could be connected.
int try_calling_out(os::FdView listener) {
  if (!listener.valid()) return ENOTSOCK;
  (void)::shutdown(listener.get(), SHUT_RDWR);
  sockaddr_in neighbour{};
  neighbour.sin_family = AF_INET;
  neighbour.sin_port = htons(8444);
  ::inet_pton(AF_INET, "10.81.2.2", &neighbour.sin_addr);
  sockaddr generic{};
  static_assert(sizeof generic == sizeof neighbour);
  std::memcpy(&generic, &neighbour, sizeof neighbour);
  return outcome(::connect(listener.get(), &generic, sizeof generic));
}

std::vector<Act> socket_acts(const Stand& stand) {
  const auto socket = [](int family, int type, int protocol = 0) {
    return [=] { return outcome(::socket(family, type | SOCK_CLOEXEC, protocol)); };
  };
  return {
      {"make an IPv4 stream socket", socket(AF_INET, SOCK_STREAM)},
      {"make an IPv4 datagram socket", socket(AF_INET, SOCK_DGRAM)},
      {"make an IPv6 socket", socket(AF_INET6, SOCK_STREAM)},
      {"make a netlink socket", socket(AF_NETLINK, SOCK_RAW)},
      {"make a link-layer socket", socket(AF_PACKET, SOCK_RAW)},
      {"make a VM socket", socket(AF_VSOCK, SOCK_STREAM)},
      {"make a kernel crypto socket", socket(AF_ALG, SOCK_SEQPACKET)},
      {"make a local stream socket", socket(AF_UNIX, SOCK_STREAM)},
      {"make a local datagram socket", socket(AF_UNIX, SOCK_DGRAM)},
      {"make a local packet socket", socket(AF_UNIX, SOCK_SEQPACKET)},
      {"give a socket a name", try_bind},
      {"listen on a socket", [] { return outcome(::listen(STDIN_FILENO, 1)); }},
      {"take a connection", [] { return outcome(::accept4(STDIN_FILENO, nullptr, nullptr, 0)); }},
      {"call out through its listener", [&] { return try_calling_out(stand.listener); },
       When::locked},
  };
}

std::vector<Act> process_acts(const Stand& stand) {
  const pid_t sibling = stand.sibling;
  const pid_t supervisor = stand.supervisor;
  return {
      {"run a program", try_exec},
      {"run a program by descriptor", try_exec_by_descriptor},
      {"start a thread", try_thread},
      {"fork", [] { return try_fork([] { return ::fork(); }); }},
      {"fork by clone3",
       [] {
         return try_fork([] {
           clone_args arguments{};
           arguments.exit_signal = SIGCHLD;
           return ::syscall(SYS_clone3, &arguments, sizeof arguments);
         });
       }},
      {"trace its sibling",
       [=] { return outcome(::ptrace(PTRACE_SEIZE, sibling, nullptr, nullptr)); }},
      {"trace the supervisor",
       [=] { return outcome(::ptrace(PTRACE_SEIZE, supervisor, nullptr, nullptr)); }},
      {"read its sibling's memory", [=] { return try_memory_of(sibling); }},
      {"take its sibling's descriptor",
       [=] {
         const os::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, sibling, 0)));
         return outcome(::syscall(SYS_pidfd_getfd, process.get(), 0, 0));
       }},
      {"signal its sibling", [=] { return outcome(::kill(sibling, 0)); }},
      {"signal the supervisor", [=] { return outcome(::kill(supervisor, 0)); }},
      {"signal everybody", [] { return outcome(::kill(-1, 0)); }},
      {"signal its sibling's thread",
       [=] { return outcome(::syscall(SYS_tgkill, sibling, sibling, 0)); }},
      {"change its sibling's limits",
       [=] {
         rlimit limit{};
         return outcome(::syscall(SYS_prlimit64, sibling, RLIMIT_CORE, nullptr, &limit));
       }},
  };
}

std::vector<Act> namespace_acts(const Stand& stand) {
  std::vector<Act> out{
      {"make a user namespace", [] { return outcome(::unshare(CLONE_NEWUSER)); }},
      {"make a network namespace", [] { return outcome(::unshare(CLONE_NEWNET)); }},
      {"make a mount namespace", [] { return outcome(::unshare(CLONE_NEWNS)); }},
      {"fork into a user namespace",
       [] {
         return try_fork([] { return ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); });
       }},
      {"mount", [] { return outcome(::mount("none", "/tmp", "tmpfs", 0, nullptr)); }},
      {"mount by the new interface", [] { return outcome(::syscall(SYS_fsopen, "tmpfs", 0)); }},
      {"unmount", [] { return outcome(::umount2("/proc", MNT_DETACH)); }},
      {"change its root", [] { return outcome(::chroot("/")); }},
      {"pivot its root", [] { return outcome(::syscall(SYS_pivot_root, "/", "/")); }},
  };
  for (const auto& [zone, network] : stand.networks)
    out.push_back({"enter the network of " + zone,
                   [fd = network.get()] { return outcome(::setns(fd, CLONE_NEWNET)); }});
  return out;
}

std::vector<Act> kernel_acts() {
  return {
      {"use io_uring",
       [] {
         io_uring_params parameters{};
         return outcome(::syscall(SYS_io_uring_setup, 1, &parameters));
       }},
      {"load a BPF program", [] { return outcome(::syscall(SYS_bpf, 0, nullptr, 0)); }},
      {"use userfaultfd", [] { return outcome(::syscall(SYS_userfaultfd, 1)); }},
      {"use key rings", [] { return outcome(::syscall(SYS_keyctl, 0, -3, 0)); }},
      {"add a key", [] { return outcome(::syscall(SYS_add_key, "user", "x", "x", 1, -3)); }},
      {"count events",
       [] { return outcome(::syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)); }},
      {"load a module", [] { return outcome(::syscall(SYS_finit_module, 0, "", 0)); }},
      {"open by handle", [] { return outcome(::syscall(SYS_open_by_handle_at, 0, nullptr, 0)); }},
      {"watch files", [] { return outcome(::inotify_init1(IN_CLOEXEC)); }},
      {"watch all files", [] { return outcome(::fanotify_init(FAN_CLASS_NOTIF, 0)); }},
      {"share memory", [] { return outcome(::shmget(IPC_PRIVATE, kPageBytes, IPC_CREAT | 0600)); }},
      {"make a memory file", [] { return outcome(::memfd_create("x", MFD_CLOEXEC)); }},
      {"map memory to run",
       [] { return try_mapping(PROT_READ | PROT_EXEC, PROT_READ | PROT_EXEC); }},
      {"make memory runnable",
       [] { return try_mapping(PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC); }},
      {"type into a terminal",
       [] {
         char c = 'x';
         return outcome(::ioctl(STDIN_FILENO, TIOCSTI, &c));
       }},
      {"call what is newer than the table", [] { return outcome(::syscall(9999)); }},
  };
}

std::vector<Act> identity_acts(const Stand& stand) {
  const std::string own_keys = stand.layout.credentials(stand.self);
  const std::string scratch = stand.layout.folder() + "/run/made";
  return {
      {"become root", [] { return outcome(::setuid(kRoot)); }},
      {"become the group of root", [] { return outcome(::setgid(kRoot)); }},
      {"drop its groups", [] { return outcome(::setgroups(0, nullptr)); }},
      {"become dumpable", [] { return outcome(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }},
      {"lay another filter over its own",
       [] { return outcome(::syscall(SYS_seccomp, 1, 1, nullptr)); }},
      {"show its own keys to everybody", [=] { return outcome(::chmod(own_keys.c_str(), 0777)); }},
      {"give its own keys away", [=] { return outcome(::chown(own_keys.c_str(), 1, 1)); }},
      {"label a file", [=] { return outcome(::setxattr(own_keys.c_str(), "user.x", "x", 1, 0)); }},
      {"set the times of a file",
       [=] { return outcome(::utimensat(AT_FDCWD, own_keys.c_str(), nullptr, 0)); }},
      {"make a symbolic link", [=] { return outcome(::symlink("/etc", scratch.c_str())); }},
      {"make a device", [=] { return outcome(::mknod(scratch.c_str(), S_IFCHR | 0600, 0)); }},
      {"raise its own priority", [] { return outcome(::setpriority(PRIO_PROCESS, 0, -5)); }},
  };
}

}  // namespace

int outcome(long result) { return result < 0 ? errno : 0; }

std::vector<Act> call_acts(const Stand& stand) {
  std::vector<Act> out;
  for (auto& some : {process_acts(stand), namespace_acts(stand), kernel_acts(),
                     identity_acts(stand), socket_acts(stand)})
    out.insert(out.end(), some.begin(), some.end());
  return out;
}

}  // namespace hangu::sandbox_test
