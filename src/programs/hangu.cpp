// hangu: the command line for every role. docs/operations/command-line.md.

#include <signal.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "cli/run.hpp"
#include "os/standard.hpp"
#include "supervise/commands.hpp"
#include "supervise/policy_commands.hpp"

int main(int argc, char** argv) {
  hangu::os::hold_standard_descriptors();
  // A closed pipe or connection is an answer to a write, not the end of the process.
  ::signal(SIGPIPE, SIG_IGN);
  try {
    const auto extras = hangu::supervise::workstation_commands();
    std::vector<hangu::cli::Graft> grafts;
    for (auto& command : hangu::supervise::policy_commands())
      grafts.push_back({"policy", std::move(command)});
    for (auto& command : hangu::supervise::posture_commands())
      grafts.push_back({"posture", std::move(command)});
    return hangu::cli::run(argc, argv, extras, std::move(grafts));
  } catch (const std::exception& unexpected) {
    std::cerr << "hangu: " << unexpected.what() << "\n";
    return EXIT_FAILURE;
  }
}
