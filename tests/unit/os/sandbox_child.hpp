#pragma once
// What the sandbox tests share: profiles, and children that lock themselves in and try.

#include <fcntl.h>

#include <cerrno>
#include <csignal>

#include <catch2/catch.hpp>

#include "os/descriptor.hpp"
#include "os/sandbox.hpp"
#include "tests/unit/os/scratch.hpp"

namespace hangu::os::test {

inline constexpr int kSandboxFailed = 200;
inline constexpr uid_t kNobody = 65534;

inline Profile daemon() {
  return Profile{.name = "test-daemon", .paths = {}, .extra_calls = {}, .refused_calls = {}};
}

inline Profile worker() {
  Profile profile = daemon();
  profile.name = "test-worker";
  profile.unix_sockets = false;
  profile.on_denied = OnDenied::kill;
  return profile;
}

/// errno of a call that failed, or 0.
inline int outcome(long result) { return result < 0 ? errno : 0; }

/// What `act` gives inside `profile`: 0 or an errno.
inline int inside(const Profile& profile, const std::function<int()>& act) {
  return exit_code_of([&] {
    const auto entered = enter_sandbox(profile);
    if (!entered) return kSandboxFailed;
    return act();
  });
}

inline int open_path(const std::string& path, int flags) {
  const UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  return file.valid() ? 0 : errno;
}

/// True when `status` is the death that the filter gives.
inline bool killed_by_filter(int status) {
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

}  // namespace hangu::os::test
