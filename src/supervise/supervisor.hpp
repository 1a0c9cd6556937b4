#pragma once
// Supervisor: runs all programs of one gateway, holds their listeners, and starts again what dies.
// The stand-in for systemd on a workstation.

#include <map>
#include <string>
#include <vector>

#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "os/channel.hpp"
#include "supervise/roster.hpp"
#include "wire/json.hpp"

namespace hangu::supervise {

/// Where a zone can be reached.
struct Endpoint {
  std::string zone;
  std::string receive;  ///< "10.81.2.1:8443"
  std::string deliver;
  std::string client_namespace;  ///< empty on loopback
};

struct RunningProgram {
  std::string name;
  pid_t pid = 0;
  std::uint32_t uid = 0;
  std::uint32_t restarts = 0;
};

/// What `run/gateway.json` says of a running gateway.
struct RunningGateway {
  pid_t supervisor = 0;
  std::string identity;  ///< of the supervisor: process_identity()
  std::vector<RunningProgram> programs;
  std::vector<Endpoint> endpoints;

  [[nodiscard]] wire::Json to_json() const;
  [[nodiscard]] static Result<RunningGateway> load(const config::Layout& layout);
  /// Whether the supervisor that wrote it still runs; its number alone may be another's by now.
  [[nodiscard]] bool lives() const;
};

class Supervisor {
 public:
  /// `binaries` is the folder with the programs.
  Supervisor(const config::Gateway& gateway, std::string binaries)
      : gateway_(gateway), layout_(gateway.folder), binaries_(std::move(binaries)) {}

  /// Makes every listener and starts every program; returns when all are ready. After an error none
  /// of them runs.
  /// Errors: Unavailable "program-not-ready" (which, and its log); those of listeners, spawn
  /// and the write of `run/gateway.json`.
  [[nodiscard]] Done start();
  /// Waits for SIGTERM on `stop`, starting anew what dies, then stops all in reverse order.
  [[nodiscard]] Done run(os::FdView stop);
  [[nodiscard]] RunningGateway running() const;
  void stop_all();

 private:
  struct Child {
    Member member;
    pid_t pid = 0;
    std::uint32_t restarts = 0;
    std::chrono::milliseconds started{0};
  };
  Done bind_local();
  Done bind_zones();
  Result<pid_t> launch(const Member& member, bool await_ready);
  std::vector<std::string> arguments_of(const Member& member) const;
  std::vector<std::string> audit_arguments() const;
  Done write_running() const;
  void tell_software();
  void reap_and_restart();

  const config::Gateway& gateway_;
  config::Layout layout_;
  std::string binaries_;
  std::map<std::string, os::UniqueFd> listeners_;  ///< by listener name
  std::vector<Endpoint> endpoints_;
  std::vector<Child> children_;
};

}  // namespace hangu::supervise
