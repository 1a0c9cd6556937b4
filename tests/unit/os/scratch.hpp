#pragma once
// What the tests of the OS layer share: a folder that goes away, and children that report by
// exit status.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

namespace hangu::os::test {

/// A new empty folder, removed with all in it at the end of the test.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hangu-os-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// The wait status of a forked child that ended with what `act` returned (no Catch macros in it).
inline int in_child(const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) {
    // Without Catch's handlers a signal does here what it does in a program.
    for (const int signal : {SIGABRT, SIGSEGV, SIGTERM, SIGINT, SIGILL, SIGFPE}) {
      ::signal(signal, SIG_DFL);
    }
    ::_exit(act());
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

/// The exit code of such a child; a child that was killed is a failure of the test.
inline int exit_code_of(const std::function<int()>& act) {
  const int status = in_child(act);
  INFO("signal " << (WIFSIGNALED(status) ? WTERMSIG(status) : 0));
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

inline void write_text(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

inline std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::size_t open_descriptors() {
  std::size_t n = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    n += entry.path().empty() ? 0U : 1U;
  }
  return n;
}

}  // namespace hangu::os::test
