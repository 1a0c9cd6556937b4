// hangu-forward: the published audit log's lines to a syslog receiver over TLS.
// docs/operations/auditor-reports.md §4.

#include <cstdlib>

#include "forward/program.hpp"
#include "line/stage_shell.hpp"
#include "os/standard.hpp"

int main(int argc, char** argv) {
  using namespace hangu;
  os::hold_standard_descriptors();
  const Done done = forward::run_forward(argc, argv);
  if (done) return EXIT_SUCCESS;
  line::log_line("FORWARD-0005", "forwarding ends: " + done.error().message());
  return EXIT_FAILURE;
}
