#pragma once
// Zygote: a warm process that has seen no payload, and forks a child for every connection. The
// child closes everything else, locks itself in, does one job and ends.

#include <functional>
#include <string>
#include <vector>

#include "os/channel.hpp"
#include "os/sandbox.hpp"
#include "plain/worker_protocol.hpp"

namespace hangu::geo {

struct ZygoteOptions {
  std::size_t jobs_max = 4;  ///< children at a time; further connections wait
  std::chrono::milliseconds wall_max = plain::kWorkerWallMax;  ///< of any job: then SIGKILL
};

/// What the zygote says on its way.
struct ZygoteReports {
  std::function<void(const std::string&)> tell;         ///< a job that died
  std::function<void(const os::SandboxReport&)> ready;  ///< locked in and serving
};

/// Locks the process in (zygote_profile()) and serves `listeners` until `stop` is readable, then
/// kills what still runs. A client that hangs up ends its job. Warm up first; call with one thread
/// running. Errors: Internal "sandbox-failed", "fork-failed", "poll-failed".
[[nodiscard]] Done serve_workers(std::vector<os::Listener> listeners, os::FdView stop,
                                 const ZygoteOptions& options, const ZygoteReports& reports);

/// What a child that is warm and holds nothing else does with its connection: receives the request,
/// enters the sandbox, does the job and replies. Returns the exit status. `mapped_bytes` as in
/// job_profile().
[[nodiscard]] int serve_one_job(os::Channel channel, std::uint64_t mapped_bytes);

}  // namespace hangu::geo
