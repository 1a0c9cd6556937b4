#pragma once
// Acts: what a program that was taken over might try, each with the answer that the kernel gives.
// The probe tries them as one of the gateway's programs; the test knows which answer must come.

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/gateway.hpp"
#include "config/layout.hpp"
#include "os/descriptor.hpp"
#include "supervise/roster.hpp"

namespace hangu::sandbox_test {

/// A path that a program may or may not open.
struct Place {
  std::string name;  ///< as it stands in reports: below the gateway's folder, or absolute
  std::string path;
  bool folder = false;
  bool namespace_file = false;  ///< which nobody can write, with or without a sandbox
};

/// Keys, ledger, log, spools, outboxes, configuration, and files of the machine.
[[nodiscard]] std::vector<Place> places(const config::Gateway& gateway);
/// The names of the key files that `set_up` gives to a member.
[[nodiscard]] std::vector<std::string> key_files(const std::string& member);

/// What a probe has at hand when it tries.
struct Stand {
  const config::Gateway& gateway;
  config::Layout layout;
  std::string self;                              ///< "verify", "receive.egov"
  pid_t sibling = 0;                             ///< another process of the same uid
  pid_t supervisor = 0;                          ///< a process of another uid
  std::map<std::string, os::UniqueFd> networks;  ///< zones' namespaces, opened before
  os::FdView listener;                           ///< a zone half's TCP listener
};

/// When an act is tried.
enum class When : std::uint8_t {
  always,  ///< also before the program locks itself in, in a child
  locked,  ///< only once it is locked in: it spoils what others use
};

struct Act {
  std::string name;
  std::function<int()> attempt;  ///< 0, or the errno of the refusal
  When when = When::always;
};

/// "read PLACE", "write PLACE", "connect to SERVER as CLIENT", and the acts below.
[[nodiscard]] std::vector<Act> all_acts(const Stand& stand);

/// System calls: sockets, processes, namespaces, identity, memory. Their names are fixed.
[[nodiscard]] std::vector<Act> call_acts(const Stand& stand);

/// errno of a call that failed, or 0.
[[nodiscard]] int outcome(long result);

}  // namespace hangu::sandbox_test
