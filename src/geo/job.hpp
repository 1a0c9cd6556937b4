#pragma once
// A worker's one job, and the box it is done in.

#include <span>

#include "os/companion.hpp"
#include "os/descriptor.hpp"
#include "os/sandbox.hpp"
#include "plain/worker_protocol.hpp"

namespace hangu::geo {

/// Does the job in this process, which must be warm, and says how it went. Never fails: an Error
/// becomes a verdict. Malformed and Forbidden mean that the content is not acceptable: fail; all
/// else (limits, disk, damage, our own) means that nothing was decided: error. `companion`, if
/// there is one, does what lies before and behind the parsing: checking, packing, hashing, writing.
[[nodiscard]] plain::WorkerReply run_job(const plain::WorkerRequest& request,
                                         std::span<const os::FdView> descriptors,
                                         os::Companion* companion = nullptr);

/// The box of a job: no path, no socket, no thread but the companion that it has before, no new
/// descriptor; killed for any other act.
/// `mapped_bytes` is the address space that the process has already.
[[nodiscard]] os::Profile job_profile(const plain::WorkerRequest& request,
                                      std::uint64_t mapped_bytes);

/// The box of the zygote: it may fork, accept on what it listens, and read PROJ's data. Its child
/// may start a thread until it has its own box.
[[nodiscard]] os::Profile zygote_profile();

/// Bytes of address space of this process.
[[nodiscard]] Result<std::uint64_t> mapped_bytes();

}  // namespace hangu::geo
