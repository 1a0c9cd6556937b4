#pragma once
// The sandbox a program locks itself into: no new privileges, no capability, Landlock rules,
// a seccomp filter, resource limits. A profile is data that reads like its documentation.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace hangu::os {

/// A system call and why the program needs it (docs/operations/sandbox.md is made from these).
struct AllowedCall {
  std::string_view name;
  std::string_view reason;
};

/// What a path may be used for.
enum class PathUse : std::uint8_t {
  read,        ///< open and read files below
  read_write,  ///< also create, write, link, rename and remove below
  connect,     ///< reach a UNIX socket there: it must exist; no reading. What lets a program
               ///< connect is the socket's owner and mode, Landlock does not govern it
};

struct PathRule {
  std::string path;
  PathUse use;
};

/// What the filter does with a call that is not allowed.
enum class OnDenied : std::uint8_t {
  kill,  ///< the process dies (SIGSYS): workers that touch hostile bytes
  deny,  ///< EPERM: daemons, so that the refusal is logged and tested
};

/// Profile of one program.
struct Profile {
  std::string name;
  std::vector<PathRule> paths;  ///< Landlock: all else is closed
  bool accepts = false;         ///< may take connections of the listeners passed in
  bool unix_sockets = true;     ///< may make local packet sockets and connect them; never listen
  /// May make TCP sockets and connect them, to these ports where the kernel can hold it (Landlock
  /// version 4).
  std::vector<std::uint16_t> tcp_ports{};
  bool threads = false;  ///< may start threads
  bool fork = false;     ///< may fork (the worker's zygote only)
  OnDenied on_denied = OnDenied::deny;
  std::vector<AllowedCall> extra_calls;         ///< beyond the base set
  std::vector<std::string_view> refused_calls;  ///< answered EACCES instead of on_denied
  std::uint64_t memory_bytes_max = 0;           ///< RLIMIT_AS, 0 = leave
  std::uint64_t descriptors_max = 256;
  std::uint64_t cpu_seconds_max = 0;  ///< RLIMIT_CPU, 0 = leave
};

/// What the machine offered of the profile.
struct SandboxReport {
  int landlock_abi = 0;  ///< 0: the kernel has none
  bool capabilities_dropped = false;
  bool seccomp = false;
};

/// Locks the calling process in; there is no way back. Call with one thread running, after keys,
/// configuration and sockets are open. exec is never allowed; ptrace, process_vm_*, mount, bpf,
/// io_uring, userfaultfd, keyctl and namespaces (setns, unshare, clone of them) never are.
/// Calls beyond the base set have limits on their arguments too (os/call_table.cpp). An extra call
/// that is never allowed, or has no reason, and a path that does not exist are errors.
/// Errors: Internal "sandbox-failed": the program must end.
///
/// `last_act` is done when everything holds but the filter, which comes next: what starts threads
/// that the profile has no call for. They inherit the rest, and get the filter with it; its failure
/// is that of the sandbox.
[[nodiscard]] Result<SandboxReport> enter_sandbox(const Profile& profile,
                                                  const std::function<Done()>& last_act = {});

/// The base set of calls that every profile has, for documentation and tests.
[[nodiscard]] const std::vector<AllowedCall>& base_calls();

/// The profile, and the base set, as Markdown tables.
[[nodiscard]] std::string describe(const Profile& profile);
[[nodiscard]] std::string describe_base_calls();

}  // namespace hangu::os
