#pragma once
// A bench's folder, which is gone when the bench is: whether it came to its end, gave up or was
// interrupted.

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "os/process.hpp"

namespace hangu::bench {

/// Runs `measure(folder)` in a process of its own and removes the folder behind it; returns its
/// exit status. The folder is new, below HANGU_BENCH_FOLDER (default: the working directory).
template <class Measure>
int in_scratch_folder(const std::string& name, Measure measure) {
  const std::string folder = os::environment("HANGU_BENCH_FOLDER").value_or(".") + "/" + name +
                             "-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  const pid_t child = ::fork();
  if (child == 0) std::exit(measure(folder));
  std::signal(SIGINT, SIG_IGN);  // a terminal sends it to the child, too
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  std::error_code problem;
  std::filesystem::remove_all(folder, problem);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

}  // namespace hangu::bench
