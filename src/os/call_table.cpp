#include "os/call_table.hpp"

#include <fcntl.h>
#include <linux/prctl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

namespace hangu::os {
namespace {

constexpr std::uint32_t kWhole = 0xffff'ffff;
constexpr std::uint32_t kNamespaceFlags = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                          CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                          CLONE_NEWNET;
constexpr std::uint32_t kSignBit = 0x8000'0000;
/// The bit in which a packet socket's type differs from that of every other local socket. What the
/// machine's other services listen on (message bus, journal, log) is of those other types.
constexpr std::uint32_t kPacketBit = 4;
static_assert((SOCK_SEQPACKET & kPacketBit) != 0 &&
              ((SOCK_STREAM | SOCK_DGRAM | SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK) & kPacketBit) ==
                  0);
/// The bit that datagram and raw sockets have and stream sockets have not.
constexpr std::uint32_t kDatagramBit = 2;
static_assert((SOCK_DGRAM & kDatagramBit) != 0 && (SOCK_RAW & kDatagramBit) != 0 &&
              ((SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK) & (kDatagramBit | kPacketBit)) == 0);
constexpr std::uint32_t kPrSetVma = 0x53564d41;  ///< PR_SET_VMA, newer than the headers

/// Argument limits of one call, in words for the documentation.
struct Limit {
  std::string_view call;
  std::string_view words;
};

constexpr std::array kLimits = std::to_array<Limit>({
    {"socket",
     "AF_UNIX and SOCK_SEQPACKET only; who has TCP ports: AF_INET, AF_INET6 and SOCK_STREAM"},
    {"socketpair", "AF_UNIX and SOCK_SEQPACKET only"},
    {"clone", "threads (CLONE_THREAD) or children with memory of their own, as the profile says"},
    {"clone3", "answers ENOSYS, so that the C library takes clone, whose flags can be tested"},
    {"mmap", "without PROT_EXEC"},
    {"mprotect", "without PROT_EXEC"},
    {"prctl", "names, parent-death signal and questions; a forking profile may lock in its child"},
    {"ioctl", "FIONREAD, FIONBIO and TCGETS; others answer EPERM"},
    {"fcntl", "not F_SETOWN and F_SETOWN_EX, which send signals to others"},
    {"tgkill", "own threads only (any thread if the profile forks)"},
    {"kill", "one process, not a group"},
    {"prlimit64", "own limits only"},
    {"sendto", "without MSG_FASTOPEN, which would connect"},
    {"sendmsg", "without MSG_FASTOPEN, which would connect"},
    {"sendmmsg", "without MSG_FASTOPEN, which would connect"},
    {"newfstatat", "if refused: still with AT_EMPTY_PATH alone, which is the C library's fstat"},
});

constexpr std::array kNever = std::to_array<std::string_view>({
    "execve",
    "execveat",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "pidfd_getfd",
    "pidfd_send_signal",
    "kcmp",
    "open_by_handle_at",
    "name_to_handle_at",
    "mount",
    "umount",
    "umount2",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "pivot_root",
    "chroot",
    "bpf",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "userfaultfd",
    "keyctl",
    "add_key",
    "request_key",
    "setns",
    "unshare",
    "clone3",
    "vfork",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "perf_event_open",
    "memfd_create",
    "memfd_secret",
    "fanotify_init",
    "swapon",
    "swapoff",
    "acct",
    "quotactl",
    "quotactl_fd",
    "settimeofday",
    "clock_settime",
    "stime",
    "iopl",
    "ioperm",
    "modify_ldt",
    "personality",
    "syslog",
    "tkill",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "setuid",
    "setgid",
    "setreuid",
    "setregid",
    "setresuid",
    "setresgid",
    "setgroups",
    "setfsuid",
    "setfsgid",
    "mknod",
    "mknodat",
    "pkey_mprotect",
    "remap_file_pages",
    "shmat",
    "uselib",
    "vhangup",
    "sethostname",
    "setdomainname",
    "migrate_pages",
    "move_pages",
    "lookup_dcookie",
    "nfsservctl",
    "_sysctl",
});

constexpr auto kUnixCalls = std::to_array<AllowedCall>({
    {"socket", "makes a local socket"},
    {"socketpair", "makes two connected ends for a child or a thread"},
    {"connect", "reaches custodian, audit and the other stages"},
});

constexpr auto kTcpCalls = std::to_array<AllowedCall>({
    {"socket", "makes a TCP socket"},
    {"connect", "reaches the one receiver (ports by Landlock)"},
});

constexpr auto kAcceptCalls = std::to_array<AllowedCall>({
    {"accept", "takes the next connection of a passed listener"},
    {"accept4", "takes the next connection of a passed listener, closed on exec"},
});

constexpr auto kThreadCalls = std::to_array<AllowedCall>({{"clone", "starts a thread"}});

constexpr auto kForkCalls = std::to_array<AllowedCall>({
    {"clone", "starts a worker"},
    {"fork", "starts a worker"},
    {"kill", "ends a worker that is out of time (own user; own Landlock domain)"},
    {"pidfd_open", "waits for a worker with a deadline"},
    {"wait4", "takes the exit status of a worker"},
    {"waitid", "takes the exit status of a worker"},
    {"seccomp", "the worker locks itself in further"},
    {"landlock_create_ruleset", "the worker locks itself in further"},
    {"landlock_add_rule", "the worker locks itself in further"},
    {"landlock_restrict_self", "the worker locks itself in further"},
    {"capset", "the worker drops what is left (nothing)"},
    {"setrlimit", "the worker takes narrower limits"},
    {"setitimer", "the worker's own time limit"},
});

ArgumentTest equals(std::uint32_t index, std::uint64_t value) {
  return {index, kWhole, static_cast<std::uint32_t>(value)};
}

ArgumentTest none_of_bits(std::uint32_t index, std::uint32_t bits) { return {index, bits, 0}; }

/// What every program may ask of or tell the kernel about itself, and what a forking one needs for
/// its child.
constexpr auto kPrctlOptions = std::to_array<std::uint32_t>(
    {PR_SET_NAME, PR_GET_NAME, PR_SET_PDEATHSIG, PR_GET_DUMPABLE, PR_CAPBSET_READ,
     PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP, kPrSetVma, PR_SET_NO_NEW_PRIVS, PR_SET_DUMPABLE,
     PR_CAPBSET_DROP, PR_CAP_AMBIENT});
constexpr std::size_t kPrctlOptionsOfAll = 8;

std::vector<Alternative> prctl_alternatives(const Profile& profile) {
  std::vector<Alternative> out;
  const auto options = std::span(kPrctlOptions);
  for (const std::uint32_t option : profile.fork ? options : options.first(kPrctlOptionsOfAll))
    out.push_back({equals(0, option), answer_allow()});
  return out;
}

/// socket() of who has TCP ports: streams of AF_INET and AF_INET6, and local packet sockets where
/// the profile has those too. A rule tests one argument at a time, so that then a packet socket of
/// AF_INET (SCTP) passes; the port rules of Landlock do not reach it.
CallRule tcp_socket_rule(const Profile& profile) {
  constexpr ArgumentTest kDatagram{1, kDatagramBit, kDatagramBit};
  constexpr ArgumentTest kPacket{1, kPacketBit, kPacketBit};
  constexpr ArgumentTest kOther{1, kPacketBit, 0};
  constexpr ArgumentTest kInet{0, kWhole, AF_INET}, kInet6{0, kWhole, AF_INET6};
  constexpr ArgumentTest kLocal{0, kWhole, AF_UNIX};
  const Answer y = answer_allow(), n = denied_by(profile);
  if (!profile.unix_sockets)
    return {"socket", {{kDatagram, n}, {kPacket, n}, {kInet, y}, {kInet6, y}}, n};
  return {"socket", {{kDatagram, n}, {kInet, y}, {kInet6, y}, {kOther, n}, {kLocal, y}}, n};
}

/// The rule of an allowed call, with the limits on its arguments.
CallRule allowed_rule(std::string_view name, const Profile& profile) {
  const Answer allow = answer_allow(), denied = denied_by(profile);
  const auto limited = [&](ArgumentTest allowed_if) {
    return CallRule{name, {{allowed_if, allow}}, denied};
  };
  if (name == "socket" && !profile.tcp_ports.empty()) return tcp_socket_rule(profile);
  if (name == "socket" || name == "socketpair") {
    return {name, {{none_of_bits(1, kPacketBit), denied}, {equals(0, AF_UNIX), allow}}, denied};
  }
  if (name == "clone") {
    const ArgumentTest child = none_of_bits(0, kNamespaceFlags | CLONE_THREAD | CLONE_VM);
    const ArgumentTest thread{0, kNamespaceFlags | CLONE_THREAD, CLONE_THREAD};
    CallRule rule{name, {}, denied};
    if (profile.fork) rule.alternatives.push_back({child, allow});
    if (profile.threads) rule.alternatives.push_back({thread, allow});
    return rule;
  }
  if (name == "mmap" || name == "mprotect") return limited(none_of_bits(2, PROT_EXEC));
  if (name == "prctl") return {name, prctl_alternatives(profile), denied};
  if (name == "ioctl") {
    return {name,
            {{equals(1, FIONREAD), allow}, {equals(1, FIONBIO), allow}, {equals(1, TCGETS), allow}},
            answer_errno(EPERM)};
  }
  if (name == "fcntl") {
    return {name, {{equals(1, F_SETOWN), denied}, {equals(1, F_SETOWN_EX), denied}}, allow};
  }
  if (name == "tgkill" && !profile.fork) {
    return limited(equals(0, static_cast<std::uint64_t>(::getpid())));
  }
  if (name == "kill") return limited(none_of_bits(0, kSignBit));
  if (name == "prlimit64") return limited(equals(0, 0));
  if (name == "sendmsg") return limited(none_of_bits(2, MSG_FASTOPEN));
  if (name == "sendto" || name == "sendmmsg") return limited(none_of_bits(3, MSG_FASTOPEN));
  return {name, {}, allow};
}

CallRule refused_rule(std::string_view name) {
  const Answer refused = answer_errno(EACCES);
  if (name == "newfstatat") return {name, {{equals(3, AT_EMPTY_PATH), answer_allow()}}, refused};
  return {name, {}, refused};
}

}  // namespace

std::vector<CallGroup> groups_of(const Profile& profile) {
  std::vector<CallGroup> groups;
  if (profile.unix_sockets) groups.push_back({"unix_sockets", kUnixCalls});
  if (!profile.tcp_ports.empty()) groups.push_back({"tcp_ports", kTcpCalls});
  if (profile.accepts) groups.push_back({"accepts", kAcceptCalls});
  if (profile.threads) groups.push_back({"threads", kThreadCalls});
  if (profile.fork) groups.push_back({"fork", kForkCalls});
  return groups;
}

std::span<const std::string_view> never_calls() { return kNever; }

std::string_view limit_text(std::string_view call) {
  const auto found = std::ranges::find(kLimits, call, &Limit::call);
  return found == kLimits.end() ? std::string_view() : found->words;
}

Answer denied_by(const Profile& profile) {
  return profile.on_denied == OnDenied::kill ? answer_kill() : answer_errno(EPERM);
}

Result<std::vector<CallRule>> rules_of(const Profile& profile) {
  std::vector<CallRule> rules;
  for (const std::string_view name : profile.refused_calls) rules.push_back(refused_rule(name));
  rules.push_back({"clone3", {}, answer_errno(ENOSYS)});
  for (const AllowedCall& call : base_calls()) rules.push_back(allowed_rule(call.name, profile));
  for (const CallGroup& group : groups_of(profile)) {
    for (const AllowedCall& call : group.calls) rules.push_back(allowed_rule(call.name, profile));
  }
  for (const AllowedCall& call : profile.extra_calls) {
    if (std::ranges::find(kNever, call.name) != kNever.end() ||
        (call.name == "kill" && !profile.fork)) {
      return fail(
          ErrorCode::internal, "sandbox-failed",
          profile.name + " asks for " + std::string(call.name) + ", which is never allowed");
    }
    if (call.reason.empty()) {
      return fail(ErrorCode::internal, "sandbox-failed",
                  profile.name + " gives no reason for " + std::string(call.name));
    }
    rules.push_back(allowed_rule(call.name, profile));
  }
  return rules;
}

}  // namespace hangu::os
