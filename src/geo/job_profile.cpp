#include <charconv>

#include "geo/job.hpp"
#include "os/file.hpp"

namespace hangu::geo {
namespace {

constexpr std::uint64_t kPageBytes = 4096;
constexpr std::uint64_t kZygoteDescriptorsMax = 256;

}  // namespace

os::Profile job_profile(const plain::WorkerRequest& request, std::uint64_t mapped_bytes) {
  os::Profile profile;
  profile.name = "worker-job";
  profile.unix_sockets = false;
  profile.on_denied = os::OnDenied::kill;
  // GDAL, PROJ and SQLite probe for side-cars, journals, temporary folders and limits, and take no
  // for an answer. Nothing of this would be permitted by Landlock either.
  profile.refused_calls = {
      "open", "openat", "creat", "stat", "lstat", "newfstatat", "statx", "statfs", "access",
      "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd", "mkdir", "mkdirat", "rmdir",
      "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "truncate",
      "chmod", "fchmod", "fchmodat", "umask", "getdents64", "fstatfs",
      // What the base set has for daemons.
      "pipe", "pipe2", "dup", "dup2", "dup3", "epoll_create", "epoll_create1", "eventfd2",
      "timerfd_create", "signalfd4", "recvfrom", "recvmsg", "recvmmsg", "getpeername", "setsockopt",
      "sendfile", "copy_file_range", "adjtimex", "clock_adjtime"};
  profile.memory_bytes_max = mapped_bytes + request.memory_bytes_max;
  profile.descriptors_max = 1;  // none new: 0 to 2 are taken; poll() wants room for one
  profile.cpu_seconds_max = request.cpu_seconds_max;
  return profile;
}

os::Profile zygote_profile() {
  os::Profile profile;
  profile.name = "worker";
  profile.paths = {{.path = "/usr/share/proj", .use = os::PathUse::read}};
  profile.unix_sockets = false;
  profile.accepts = true;
  profile.fork = true;
  profile.threads = true;  // a child's companion, before it locks itself in
  profile.descriptors_max = kZygoteDescriptorsMax;
  return profile;
}

Result<std::uint64_t> mapped_bytes() {
  HANGU_TRY(const Bytes text, os::read_file("/proc/self/statm", 1024));
  const std::string_view first = text_of(text);
  std::uint64_t pages = 0;
  const auto [end, error] = std::from_chars(first.data(), first.data() + first.size(), pages);
  if (error != std::errc()) return fail(ErrorCode::internal, "statm-invalid");
  return pages * kPageBytes;
}

}  // namespace hangu::geo
