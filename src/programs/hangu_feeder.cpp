// hangu-feeder: shows the published audit log to its witnesses. docs/protocols/audit-witness.md.
//
// usage: hangu-feeder --config FILE
// Exit status: 0 told to end, 1 it cannot work, 2 wrong usage.

#include <exception>
#include <iostream>
#include <span>
#include <string_view>

#include "os/standard.hpp"
#include "witness/feeder_program.hpp"

int main(int argc, char** argv) {
  hangu::os::hold_standard_descriptors();
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() != 3 || std::string_view(arguments[1]) != "--config") {
    std::cerr << "usage: hangu-feeder --config FILE\n";
    return 2;
  }
  try {
    const hangu::Done done = hangu::witness::run_feeder(arguments[2]);
    if (done) return 0;
    std::cerr << "HANGU-FEEDER-0007 cannot work: " + done.error().message() + "\n";
  } catch (const std::exception& unexpected) {
    std::cerr << std::string("HANGU-FEEDER-0007 cannot work: ") + unexpected.what() + "\n";
  }
  return 1;
}
