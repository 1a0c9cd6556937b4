// hangu-worker: the zygote of the workers that read, measure and write objects. It listens on every
// passed listener whose name is "worker" or begins with "worker.".

#include <algorithm>
#include <exception>
#include <iostream>

#include "geo/gdal_session.hpp"
#include "geo/job.hpp"
#include "geo/zygote.hpp"
#include "os/process.hpp"
#include "os/standard.hpp"

namespace {

using namespace hangu;

constexpr int kExitUsage = 2;
constexpr int kExitFailed = 1;
constexpr std::size_t kJobsMin = 2;

void tell(const std::string& line) { std::cerr << line << '\n'; }

Result<std::vector<os::Listener>> take_listeners() {
  HANGU_TRY(auto passed, os::passed_listeners());
  std::vector<os::Listener> listeners;
  for (auto& [name, socket] : passed) {
    if (name != "worker" && !name.starts_with("worker.")) {
      return fail(ErrorCode::malformed, "listener-unknown", name);
    }
    listeners.emplace_back(std::move(socket));
  }
  if (listeners.empty()) return fail(ErrorCode::malformed, "listener-unknown", "none passed");
  return listeners;
}

Done serve() {
  HANGU_TRY(auto listeners, take_listeners());
  os::Readiness readiness = os::Readiness::prepare();
  HANGU_TRY(const os::UniqueFd stop, os::termination_signals());
  const std::size_t jobs = std::max<std::size_t>(kJobsMin, os::processor_count());
  geo::warm_up();
  return geo::serve_workers(
      std::move(listeners), stop.view(), {.jobs_max = jobs, .wall_max = plain::kWorkerWallMax},
      {.tell = [](const std::string& what) { tell("HANGU-WORKER-0002 " + what); },
       .ready =
           [&](const os::SandboxReport& sandbox) {
             tell("HANGU-WORKER-0001 serving: " + std::to_string(jobs) +
                  " jobs at a time, landlock " + std::to_string(sandbox.landlock_abi));
             readiness.tell("serving");
           }});
}

}  // namespace

int main(int count, char**) {
  os::hold_standard_descriptors();
  if (count != 1) {
    tell("usage: hangu-worker (no arguments; listeners come from the supervisor)");
    return kExitUsage;
  }
  try {
    const Done served = serve();
    if (served) return 0;
    tell("HANGU-WORKER-0003 no more jobs are done: " + served.error().message());
  } catch (const std::exception& unexpected) {
    tell(std::string("HANGU-WORKER-0003 no more jobs are done: ") + unexpected.what());
  }
  return kExitFailed;
}
