// hangu-directory: follows the central directory over LDAP, and answers decide who somebody is.
// docs/protocols/directory.md.

#include <cstdlib>

#include "directory/program.hpp"
#include "line/stage_shell.hpp"
#include "os/standard.hpp"

int main(int argc, char** argv) {
  using namespace hangu;
  os::hold_standard_descriptors();
  const Done done = directory::run_directory(argc, argv);
  if (done) return EXIT_SUCCESS;
  line::log_line("DIRECTORY-0008", "ends: " + done.error().message());
  return EXIT_FAILURE;
}
