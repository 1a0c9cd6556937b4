#pragma once
// FullDisk: a bound on the length of files, which a writer meets as it would a full disk.

#include <sys/resource.h>

#include <csignal>

#include <catch2/catch.hpp>

namespace hangu::test {

/// While it lives, no file of this process may be longer than so many bytes (EFBIG).
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    old_action_ = ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old_) == 0);
    const rlimit lower{bytes, old_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &lower) == 0);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, old_action_);
  }

 private:
  rlimit old_{};
  void (*old_action_)(int) = nullptr;
};

}  // namespace hangu::test
