#include "os/sandbox.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "os/call_table.hpp"
#include "os/filter.hpp"
#include "os/landlock.hpp"

namespace hangu::os {
namespace {

constexpr int kCapabilitiesMax = 64;  ///< numbers that a kernel can have; it has fewer

std::unexpected<Error> failed(std::string context, int os_error = 0) {
  return fail(ErrorCode::internal, "sandbox-failed", std::move(context), os_error);
}

/// no_new_privs, Landlock and capabilities bind one thread: there must be no other.
Done require_one_thread() {
#if !defined(HANGU_SANITIZED)  // the thread sanitizer has a thread of its own
  struct stat tasks{};
  if (::stat("/proc/self/task", &tasks) != 0) return failed("/proc/self/task", errno);
  if (tasks.st_nlink > 3) return failed("other threads run");  // ".", ".." and one task
#endif
  return {};
}

using CapabilitySets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

bool no_capability_left() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  CapabilitySets sets{};
  if (::syscall(SYS_capget, &header, sets.data()) != 0) return false;
  return std::ranges::all_of(sets, [](const auto& set) {
    return set.effective == 0 && set.permitted == 0 && set.inheritable == 0;
  });
}

Done drop_capabilities() {
  for (int capability = 0; capability < kCapabilitiesMax; ++capability) {
    if (::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != 1) continue;  // dropped, or no such
    // An unprivileged caller may not shrink the bounding set; with no_new_privs and without exec
    // the set can give nothing back.
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) {
      return failed("capability bounding set", errno);
    }
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    return failed("ambient capabilities", errno);
  }
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const CapabilitySets none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return failed("capabilities", errno);
  if (!no_capability_left()) return failed("capabilities are left");
  return {};
}

/// Lowers a limit for good: soft and hard. One that is lower already stays.
Done lower_limit(__rlimit_resource_t resource, rlim_t value) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return failed("resource limit", errno);
  limit.rlim_max = std::min(limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;  // also up to it: a profile gets the descriptors that it names
  if (::setrlimit(resource, &limit) != 0) return failed("resource limit", errno);
  return {};
}

Done lower_limits(const Profile& profile) {
  HANGU_CHECK(lower_limit(RLIMIT_CORE, 0));
  HANGU_CHECK(lower_limit(RLIMIT_NOFILE, profile.descriptors_max));
#if !defined(HANGU_SANITIZED)  // sanitizers map terabytes of shadow
  if (profile.memory_bytes_max != 0) {
    HANGU_CHECK(lower_limit(RLIMIT_AS, profile.memory_bytes_max));
  }
#endif
  if (profile.cpu_seconds_max != 0) {
    HANGU_CHECK(lower_limit(RLIMIT_CPU, profile.cpu_seconds_max));
  }
  return {};
}

}  // namespace

Result<SandboxReport> enter_sandbox(const Profile& profile, const std::function<Done()>& last_act) {
  HANGU_TRY(const auto rules, rules_of(profile));  // a bad profile changes nothing
  HANGU_CHECK(require_one_thread());
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs", errno);
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("dumpable", errno);

  SandboxReport report;
  HANGU_TRY(report.landlock_abi, restrict_paths(profile.paths, profile.tcp_ports));
  HANGU_CHECK(drop_capabilities());
  report.capabilities_dropped = true;
  HANGU_CHECK(lower_limits(profile));  // after Landlock, which needs a free descriptor
  if (last_act) HANGU_CHECK(last_act());
  HANGU_CHECK(install_filter(rules, denied_by(profile), profile.on_denied == OnDenied::deny));
  report.seccomp = true;
  return report;
}

}  // namespace hangu::os
