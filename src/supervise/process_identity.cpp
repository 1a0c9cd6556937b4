#include "supervise/process_identity.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "os/descriptor.hpp"
#include "os/file.hpp"

namespace hangu::supervise {
namespace {

constexpr std::size_t kProcBytesMax = 4096;
constexpr std::size_t kStartField = 19;  // starttime, 22nd of proc(5), counted behind the name
constexpr char kDead = 'Z';              // ended, and not yet waited for

/// glibc 2.36 declares these two for C alone.
int open_process(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }
bool signal_process(os::FdView process, int signal) {
  return ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0;
}

}  // namespace

std::string process_identity(pid_t pid) {
  if (pid <= 0) return {};
  const auto boot = os::read_file("/proc/sys/kernel/random/boot_id", kProcBytesMax);
  const auto stat = os::read_file("/proc/" + std::to_string(pid) + "/stat", kProcBytesMax);
  if (!boot || !stat) return {};
  const std::string_view text = text_of(*stat);
  const std::size_t name_end = text.rfind(')');  // a name may hold anything
  if (name_end == std::string_view::npos || name_end + 2 > text.size()) return {};
  const auto fields = split(text.substr(name_end + 2), ' ');
  if (fields.size() <= kStartField || fields.front() == std::string_view(&kDead, 1)) return {};
  return std::string(split(text_of(*boot), '\n').front()) + ":" + std::string(fields[kStartField]);
}

Result<bool> terminate(pid_t pid, const std::string& identity) {
  const os::UniqueFd process(open_process(pid));
  if (!process.valid() && errno == ESRCH) return false;
  if (!process.valid()) return fail(ErrorCode::internal, "supervisor-failed", "pidfd", errno);
  // Asked after it was opened: from here on the descriptor means the process that was looked at.
  if (identity.empty() || process_identity(pid) != identity) return false;
  if (signal_process(process.view(), SIGTERM)) return true;
  if (errno == ESRCH) return false;
  if (errno == EPERM) return fail(ErrorCode::forbidden, "gateway-of-another-user");
  return fail(ErrorCode::internal, "supervisor-failed", "signal", errno);
}

}  // namespace hangu::supervise
