// hangu: the command line for every role. docs/operations/command-line.md.

#include <signal.h>

#include <cstdlib>
#include <exception>
#include <iostream>

#include "cli/run.hpp"
#include "os/standard.hpp"
#include "supervise/commands.hpp"

int main(int argc, char** argv) {
  hangu::os::hold_standard_descriptors();
  // A closed pipe or connection is an answer to a write, not the end of the process.
  ::signal(SIGPIPE, SIG_IGN);
  try {
    const auto extras = hangu::supervise::workstation_commands();
    return hangu::cli::run(argc, argv, extras);
  } catch (const std::exception& unexpected) {
    std::cerr << "hangu: " << unexpected.what() << "\n";
    return EXIT_FAILURE;
  }
}
