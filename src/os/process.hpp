#pragma once
// Processes: spawning programs under an own uid and network namespace, and service habits
// (passed listeners, readiness) in systemd's conventions.

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "os/descriptor.hpp"

namespace hangu::os {

/// How to start one program.
struct SpawnPlan {
  std::string program;                             ///< absolute path
  std::vector<std::string> arguments;              ///< without argv[0]
  std::map<std::string, std::string> environment;  ///< the whole environment
  std::optional<uid_t> uid;                        ///< and gid of the same number; the program
                                                   ///< then has no capability, nor can regain one
  std::vector<gid_t> groups;                       ///< supplementary
  std::optional<std::string> network_namespace;    ///< name under /run/netns, entered before exec
  bool private_network = false;                    ///< an own empty network namespace
  std::vector<std::pair<std::string, FdView>> listeners;  ///< LISTEN_FDNAMES in order, from fd 3
  std::optional<FdView> ready;          ///< becomes $HANGU_READY_FD (numbered after listeners)
  std::optional<std::string> log_path;  ///< stdout and stderr are appended there
};

/// Starts the program with default signals, /dev/null as input and every other descriptor closed;
/// returns when exec succeeded. It gets SIGTERM when the calling thread ends, however that is.
/// Errors: Internal "spawn-failed" (context: the step), "spawn-plan-invalid"; those of
/// open_network_namespace.
[[nodiscard]] Result<pid_t> spawn(const SpawnPlan& plan);

/// Waits at most `timeout` for a child; its wait status, or nothing when it still runs.
[[nodiscard]] Result<std::optional<int>> wait_for(pid_t child, std::chrono::milliseconds timeout);

/// Listeners passed by the supervisor or systemd: name -> descriptor. Reads LISTEN_PID,
/// LISTEN_FDS and LISTEN_FDNAMES and removes them from the environment. Each name once: two
/// sockets of one systemd unit need FileDescriptorName= of their own.
/// Errors: "listeners-invalid".
[[nodiscard]] Result<std::map<std::string, UniqueFd>> passed_listeners();

/// Tells the supervisor (HANGU_READY_FD) and systemd (NOTIFY_SOCKET) that the program serves: both
/// receive "READY=1\nSTATUS=<status>\n", once; then both are closed. Call prepare() before the
/// sandbox, tell() after. A supervisor that is gone is no error.
class Readiness {
 public:
  [[nodiscard]] static Readiness prepare();
  void tell(std::string_view status);

 private:
  UniqueFd ready_;
  UniqueFd notify_;
};

/// A descriptor that becomes readable on SIGTERM or SIGINT (signalfd; the signals are blocked).
[[nodiscard]] Result<UniqueFd> termination_signals();

/// Waits until one of `fds` is readable; indices of those that are. Empty after `timeout`.
[[nodiscard]] Result<std::vector<std::size_t>> wait_readable(std::span<const FdView> fds,
                                                             std::chrono::milliseconds timeout);

[[nodiscard]] unsigned processor_count();
/// Value of an environment variable, read in programs only.
[[nodiscard]] std::optional<std::string> environment(const char* name);

}  // namespace hangu::os
