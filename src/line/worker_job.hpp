#pragma once
// Worker jobs: handing one object to a worker, and freezing what it wrote.

#include <optional>
#include <string>

#include "line/custodian_client.hpp"
#include "line/outcome.hpp"
#include "plain/worker_protocol.hpp"

namespace hangu::line {

/// How often a job is begun before a worker that dies of it quarantines the transfer: a worker may
/// also die of its zygote being started anew, which is not the object's fault.
inline constexpr unsigned kWorkerAttemptsMax = 3;

struct JobResult {
  plain::WorkerReply reply;
  /// What a reading or writing job made, frozen; absent for a measuring job or when it did not
  /// pass.
  std::optional<crypto::ObjectDigest> output;
};

/// Runs `request` over `input` for the claimed `work`; a reading or writing job gets an output of
/// `algorithm`, frozen when the job passed. The worker reads nothing but the object that the digest
/// of `input` names.
///
/// The worker answers an instant before its process is gone and its copy of the descriptor with it,
/// so the freeze is asked again for a bounded time.
/// Errors: Internal "output-still-writable" (a worker that lives on); Unavailable "peer-absent",
/// "peer-gone"; those of the custodian.
[[nodiscard]] Result<JobResult> run_job(const Work& work, CustodianClient& custodian,
                                        const std::string& worker_socket,
                                        plain::WorkerRequest request, const Opened& input,
                                        crypto::HashAlgorithm algorithm);

/// What a worker's no comes to, about the sender's object of this name. The sender reads the name,
/// and of a refusal what the worker says of the object; what it says of an error is logged here.
[[nodiscard]] Outcome stopped_at(const Work& work, const std::string& object,
                                 const plain::WorkerReply& reply);

}  // namespace hangu::line
